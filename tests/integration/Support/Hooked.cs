using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests.Support;

/// <summary>Containers that get their files by the hook, and what became of that.</summary>
internal static class Hooked
{
    private static readonly string[] UsualStages = ["createRuntime", "poststop"];

    /// <summary>A container with our hook at its usual stages, and nothing else of ours.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <param name="runDirectory">The daemon's.</param>
    /// <param name="hookOptions">More options of the hook.</param>
    public static ContainerOptions With(ContainerOptions options, string runDirectory, params string[] hookOptions)
        => At(options, UsualStages, runDirectory, hookOptions);

    /// <summary>The same at other stages.</summary>
    public static ContainerOptions At(ContainerOptions options, string[] stages, string runDirectory, params string[] hookOptions) => options with
    {
        IsBare = true,
        Change = config =>
        {
            config["hooks"] = new JsonObject(stages.Select(stage => KeyValuePair.Create<string, JsonNode?>(stage, new JsonArray(new JsonObject
            {
                ["path"] = Daemon.Binary,
                ["args"] = Words(["procfs", "hook", "--run-dir", runDirectory, .. hookOptions]),
                ["timeout"] = 5,
            }))));
            options.Change?.Invoke(config);
        },
    };

    /// <summary>Gives it an annotation.</summary>
    public static Action<JsonObject> Annotation(string name, string value) => config => config["annotations"] = new JsonObject { [name] = value };

    public static JsonArray Words(params string[] words) => new([.. words.Select(word => (JsonNode)word)]);

    /// <summary>The mounts of ours in a process's namespace: where they are, of which directory, with which flags.</summary>
    public static IReadOnlyList<(string File, string Root, string Flags)> Mounts(int pid)
        => [.. File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/mountinfo"))
            .Where(line => line.Contains(" - fuse.procfs procfs ", StringComparison.Ordinal))
            .Select(line => line.Split(' '))
            .Where(fields => fields[4].StartsWith("/proc/", StringComparison.Ordinal) || fields[4].StartsWith("/sys/", StringComparison.Ordinal))
            .Select(fields => (fields[4][1..], fields[3], fields[5]))];

    /// <summary>How a file is attached: "rw" where programs write triggers to it.</summary>
    public static string AccessTo(string file) => file.StartsWith("proc/pressure/", StringComparison.Ordinal) ? "rw" : "ro";

    /// <summary>The files that are there, in order.</summary>
    public static string[] Files(OciContainer container) => [.. Mounts(container.Pid).Select(mount => mount.File).Order(StringComparer.Ordinal)];

    /// <summary>What is in the spool of a run directory.</summary>
    public static string[] Registered(string runDirectory) => Directory.Exists($"{runDirectory}/registry") ? Directory.GetFiles($"{runDirectory}/registry") : [];

    /// <summary>Runs the hook by hand, with this on its standard input.</summary>
    public static Output Call(byte[] state, params string[] options)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, state);
            return Child.Run(["sh", "-c", "file=$1; shift; cat \"$file\" | \"$@\"", "sh", file, Daemon.Binary, "hook", .. options]);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
