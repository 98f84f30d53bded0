using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Attaching;
using ProcFs.Configuration;
using ProcFs.Hook.Registration;
using ProcFs.Serving;

namespace ProcFs.Cli;

/// <summary><c>procfs status</c>: the registered containers, what they are shown, and by which rule. Asks the kernel, never a mount.</summary>
internal static class StatusCommand
{
    private const int ShortId = 12;

    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "as JSON, with the rules" };
        Option<bool> why = new("--why") { Description = "with the rule behind each number" };
        Command command = new("status", "Lists the registered containers, what they are shown, and by which rule.") { json, why };
        command.SetAction(parsed => Write(Text(parsed, parsed.GetValue(json), parsed.GetValue(why))));
        return command;
    }

    private static string Text(ParseResult parsed, bool asJson, bool withWhy)
    {
        ProcFsConfig config = RootOptions.Config(parsed);
        string runDirectory = RootOptions.RunDirectory(parsed);
        string mount = RootOptions.Mount(parsed);
        using ViewService views = LocalViews.Open(parsed, config, NullLogger.Instance);
        AttachOptions places = new(runDirectory, RootOptions.Roots(parsed).Proc, null);
        Spool spool = new(places, NullLogger.Instance);
        List<Line> lines = [];
        foreach (RegistryEntry entry in spool.ReadAll().Where(spool.IsAlive).OrderBy(entry => entry.Id, StringComparer.Ordinal))
        {
            if (LocalViews.Explain(views, entry, config) is { } values)
            {
                lines.Add(new Line(entry, values));
            }
        }

        int server = ServerLock.Holder(runDirectory, mount);
        return asJson ? Json(mount, server, lines) : Table(mount, server, lines, withWhy);
    }

    private static string Table(string mount, int server, List<Line> lines, bool withWhy)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{mount}: {(server > 0 ? $"served by process {server}" : "nobody serves it")}, {lines.Count} container(s) registered\n");
        if (lines.Count == 0)
        {
            return text.ToString();
        }

        List<string[]> rows = [["CONTAINER", "PID", "CPUS", "MEMORY", "SWAP", "BTIME", "OFF"]];
        rows.AddRange(lines.Select(line => new[]
        {
            line.Entry.Id.Length > 2 * ShortId ? line.Entry.Id[..ShortId] : line.Entry.Id,
            line.Entry.Pid.ToString(CultureInfo.InvariantCulture),
            line["cpus"], line["memory"], line["swap"], line["btime"], line["off"],
        }));
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Count; i++)
        {
            text.Append(string.Join("  ", rows[i].Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
            foreach (ExplainedValue value in withWhy && i > 0 ? lines[i - 1].Values : [])
            {
                text.Append(CultureInfo.InvariantCulture, $"  {value.Name}: {value.Value}: {value.Why}\n");
            }
        }

        return text.ToString();
    }

    private static string Json(string mount, int server, List<Line> lines)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("mount", mount);
            json.WriteNumber("server", server);
            json.WriteStartArray("containers");
            foreach (Line line in lines)
            {
                json.WriteStartObject();
                json.WriteString("id", line.Entry.Id);
                json.WriteNumber("pid", line.Entry.Pid);
                json.WriteBoolean("detached", line.Entry.IsDetached);
                foreach (ExplainedValue value in line.Values)
                {
                    json.WriteStartObject(value.Name);
                    json.WriteString("value", value.Value);
                    json.WriteString("why", value.Why);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(string text)
    {
        using Stream output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(text));
    }

    private sealed record Line(RegistryEntry Entry, IReadOnlyList<ExplainedValue> Values)
    {
        public string this[string name] => Values.First(value => value.Name == name).Value;
    }
}
