using System.Globalization;
using System.Text;

namespace ProcFs.Bench;

/// <summary>One measured number.</summary>
/// <param name="What">In words.</param>
/// <param name="Value">Null: it was not measured.</param>
/// <param name="Unit">Empty for a count.</param>
/// <param name="AtMost">The target; null: there is none.</param>
internal sealed record Figure(string What, double? Value, string Unit, double? AtMost)
{
    /// <summary>Null without a target.</summary>
    public bool? IsMet => AtMost is null || Value is null ? null : Value <= AtMost;
}

/// <summary>The results of a run, in order and with headings. Printed as they come, so that a run that breaks off has said what it knew.</summary>
internal sealed class Figures
{
    private readonly List<(string Heading, List<Figure> List)> _groups = [];

    public void Begin(string heading)
    {
        _groups.Add((heading, []));
        Console.WriteLine($"\n{heading}");
    }

    public void Add(string what, double? value, string unit = "", double? atMost = null)
    {
        Figure figure = new(what, value, unit, atMost);
        _groups[^1].List.Add(figure);
        Console.WriteLine($"  {what,-62} {Text(figure),14}{(figure.IsMet is { } met ? $"  ({(met ? "met" : "MISSED")}: ≤ {atMost} {unit})" : "")}");
    }

    /// <summary>Saves all as JSON and Markdown.</summary>
    /// <returns>The path without its ending.</returns>
    public string Save(Machine machine, Unrest unrest, string word, string? systemCalls)
    {
        string path = ResultsFile.Path(machine, word);
        File.WriteAllBytes(path + ".json", ResultsFile.Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteMachine("machine", machine);
            writer.WriteRounded("stealPercent", unrest.StealPercent);
            writer.WriteRounded("load", unrest.Load);
            foreach ((string heading, List<Figure> list) in _groups)
            {
                writer.WriteStartArray(heading);
                foreach (Figure figure in list)
                {
                    writer.WriteStartObject();
                    writer.WriteString("what", figure.What);
                    writer.WriteRounded("value", figure.Value);
                    writer.WriteString("unit", figure.Unit);
                    writer.WriteRounded("atMost", figure.AtMost);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }));
        File.WriteAllText(path + ".md", Markdown(machine, unrest, systemCalls));
        return path;
    }

    private string Markdown(Machine machine, Unrest unrest, string? systemCalls)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Scale, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Linux {machine.Kernel}, {machine.Cpus} CPUs ({machine.Cpu}), cgroup {machine.Cgroup}{(Machine.IsEmulated ? ", **emulated**" : "")}; ");
        text.AppendJoin(", ", machine.Versions.Select(version => $"{version.Key} {version.Value}"));
        text.Append(CultureInfo.InvariantCulture, $"; steal {unrest.StealPercent:0.0} %, load {unrest.Load:0.0} at the end. What is measured: bench/scale/README.md.\n");
        foreach ((string heading, List<Figure> list) in _groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {heading}\n\n| | | target |\n|---|---:|---|\n");
            foreach (Figure figure in list)
            {
                string target = figure.IsMet is { } met ? $"≤ {figure.AtMost} {figure.Unit}{(met ? "" : ", **missed**")}" : "";
                text.Append(CultureInfo.InvariantCulture, $"| {figure.What} | {Text(figure)} | {target} |\n");
            }
        }

        if (systemCalls is not null)
        {
            text.Append("\n## What an idle server does in 20 s\n\n");
            foreach (string line in systemCalls.TrimEnd().Split('\n'))
            {
                text.Append("    ").Append(line.TrimEnd()).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Text(Figure figure) => figure.Value is { } value
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value, Math.Abs(value) < 10 ? 2 : Math.Abs(value) < 1000 ? 1 : 0)} {figure.Unit}").TrimEnd()
        : "not measured";
}
