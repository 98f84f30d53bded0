"""Kubernetes manifests as JSON, one list, on standard output.

    manifests.py FILE...                    the documents of YAML files
    manifests.py --chart DIR [KEY=VALUE]... those of a chart, rendered with other values (YAML) for keys such as runtimeClass.create

Of the template language only what the chart uses: {{ .Values.a.b }}, {{ .Release.Namespace }}, the filters quote and sha256sum, if, if not and end. Anything
else is an error, so that the chart stays as simple as this.
"""

import hashlib
import json
import re
import sys

import yaml

TAG = re.compile(r"([ \t]*\n?[ \t]*)?\{\{(-)?\s*(.*?)\s*\}\}")


def lookup(path, context):
    value = context
    for name in path.lstrip(".").split("."):
        value = value[name]  # a KeyError: values.yaml has no such key
    return value


def value_of(expression, context):
    path, *filters = [part.strip() for part in expression.split("|")]
    if not re.fullmatch(r"\.[A-Za-z.]+", path):
        raise ValueError(f"not known here: {expression}")
    value = lookup(path, context)
    for name in filters:
        if name == "quote":
            value = json.dumps(str(value))
        elif name == "sha256sum":
            value = hashlib.sha256(str(value).encode()).hexdigest()
        else:
            raise ValueError(f"no such filter here: {name}")
    return value


def render(template, context):
    output, shown, place = [], [True], 0
    for tag in TAG.finditer(template):
        space, trims, expression = tag.group(1) or "", tag.group(2), tag.group(3)
        if shown[-1]:
            output.append(template[place : tag.start()])
            output.append("" if trims else space)
        place = tag.end()
        word, _, rest = expression.partition(" ")
        if word == "if":
            negated = rest.startswith("not ")
            shown.append(shown[-1] and bool(value_of(rest.removeprefix("not "), context)) != negated)
        elif expression == "end":
            shown.pop()
        elif shown[-1]:
            output.append(str(value_of(expression, context)))
    if len(shown) != 1:
        raise ValueError("an if without its end")
    return "".join(output) + template[place:]


def chart(directory, settings):
    with open(f"{directory}/Chart.yaml", encoding="utf-8") as file:
        about = yaml.safe_load(file)
    with open(f"{directory}/values.yaml", encoding="utf-8") as file:
        values = yaml.safe_load(file)
    for setting in settings:
        key, _, text = setting.partition("=")
        *above, last = key.split(".")
        place = values
        for name in above:
            place = place[name]
        if last not in place:
            raise ValueError(f"values.yaml has no {key}")
        place[last] = yaml.safe_load(text)
    context = {"Values": values, "Chart": about, "Release": {"Namespace": "procfs-system", "Name": "procfs"}}
    documents = []
    for name in ("serviceaccount", "configmap", "runtimeclass", "daemonset"):
        with open(f"{directory}/templates/{name}.yaml", encoding="utf-8") as file:
            documents += [d for d in yaml.safe_load_all(render(file.read(), context)) if d is not None]
    return documents


def main(arguments):
    if arguments[:1] == ["--chart"]:
        documents = chart(arguments[1], arguments[2:])
    else:
        documents = []
        for path in arguments:
            with open(path, encoding="utf-8") as file:
                documents += [d for d in yaml.safe_load_all(file) if d is not None]
    json.dump(documents, sys.stdout)


main(sys.argv[1:])
