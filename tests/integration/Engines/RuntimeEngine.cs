using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>runc or crun without an engine: the bundle that "spec" makes, with the hooks of hooks/oci/config-hooks.json in its config.json.</summary>
public abstract class RuntimeEngine(ServedTree tree, string runtime) : Engine(tree, runtime)
{
    private int _count;

    internal override string Start(Wish wish)
    {
        string name = $"{runtime}-{++_count}";
        _ = Define(name, wish, isPlugged: true);
        Go(name);
        return name;
    }

    /// <summary>Makes a bundle.</summary>
    /// <param name="name">Of the container.</param>
    /// <param name="wish">What it is to be like.</param>
    /// <param name="isPlugged">Has it our hooks?</param>
    /// <returns>Its directory, on the stage.</returns>
    internal string Define(string name, Wish wish, bool isPlugged)
    {
        string bundle = Bundle(name);
        Directory.CreateDirectory(Stage.PathOf(bundle));
        Run(runtime, "spec", "--bundle", bundle).Ok();
        JsonNode config = JsonNode.Parse(File.ReadAllText(Stage.PathOf($"{bundle}/config.json")))!;
        Root.CopyTo(Stage.PathOf($"{bundle}/rootfs"));
        Edit(config, name, wish);
        if (isPlugged)
        {
            config["hooks"] = JsonNode.Parse(Shipped("oci/config-hooks.json"))!["hooks"]!.DeepClone();
        }

        Stage.Write($"{bundle}/config.json", config.ToJsonString());
        return bundle;
    }

    internal override Output Exec(string container, params string[] command) => Run([runtime, "exec", container, .. command]);

    internal override void Restart(string container)
    {
        Run(runtime, "delete", "--force", container).Ok();
        Go(container);
    }

    internal override void Remove(string container)
    {
        Run(runtime, "delete", "--force", container).Ok();
        Directory.Delete(Stage.PathOf(Bundle(container)), recursive: true);
    }

    private protected override void Plug()
    {
    }

    private static string Bundle(string name) => $"/run/bundles/{name}";

    // The init would keep our pipes open for its whole life.
    private void Go(string name) => Assert.True(
        Run("sh", "-c", "\"$1\" run --detach --bundle \"$2\" \"$3\" </dev/null >\"$2/log\" 2>&1", "sh", runtime, Bundle(name), name).ExitCode == 0,
        File.ReadAllText(Stage.PathOf($"{Bundle(name)}/log")));

    private static void Edit(JsonNode config, string name, Wish wish)
    {
        config["process"]!["terminal"] = false;
        config["process"]!["args"] = new JsonArray([.. wish.Command.Select(c => JsonValue.Create(c))]);
        foreach (string variable in wish.Environment)
        {
            config["process"]!["env"]!.AsArray().Add(variable);
        }

        // A limit above this machine's own is refused.
        _ = config["process"]!.AsObject().Remove("rlimits");
        config["root"]!["readonly"] = wish.Variant == "read-only";
        config["annotations"] = new JsonObject(wish.Annotations.Select(a => a.Split('=', 2)).Select(a => KeyValuePair.Create<string, JsonNode?>(a[0], a[1])));
        JsonNode linux = config["linux"]!;
        linux["cgroupsPath"] = $"{TestCgroup.Parent}/{name}";
        linux["resources"] = new JsonObject
        {
            ["memory"] = new JsonObject { ["limit"] = Memory },
            ["cpu"] = new JsonObject { ["quota"] = 100000, ["period"] = 100000 },
        };
        HashSet<string> namespaces = ["pid", "ipc", "uts", "mount"];
        switch (wish.Variant)
        {
            case "userns":
                // A sysfs can be mounted by who owns the network namespace.
                namespaces.UnionWith(["user", "network"]);
                linux["uidMappings"] = Mapping();
                linux["gidMappings"] = Mapping();
                break;
            case "cgroupns":
                namespaces.Add("cgroup");
                break;
            case "host-pid":
                namespaces.Remove("pid");
                break;
        }

        linux["namespaces"] = new JsonArray([.. namespaces.Select(n => new JsonObject { ["type"] = n })]);
    }

    private static JsonArray Mapping() => [new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 65536 }];
}

/// <summary>runc.</summary>
public sealed class Runc(ServedTree tree) : RuntimeEngine(tree, "runc");

/// <summary>crun.</summary>
public sealed class Crun(ServedTree tree) : RuntimeEngine(tree, "crun");
