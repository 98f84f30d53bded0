using System.Text;
using System.Text.Json;
using ProcFs.Configuration;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;
using ProcFs.Hook.Oci;
using ProcFs.Hook.Settings;
using ProcFs.Hook.Wrapping;

namespace ProcFs.Fuzz.Targets;

/// <summary>
/// JSON that engines and people write: a bundle's config.json, understood by the hook and edited by the wrapper, which keeps all that is not ours; and the
/// configuration file, by hook and daemon.
/// </summary>
internal sealed class ConfigTarget : IFuzzTarget
{
    private static readonly string[] Arguments = ["procfs", "hook", "--enable", "always"];
    private static readonly string[] Files = ["proc/meminfo", "sys/devices/system/cpu/online"];

    public IReadOnlyList<Change> Changes => JsonChanges.All;

    public IEnumerable<byte[]> Seeds()
    {
        yield return Samples.Config;
        yield return "{}"u8.ToArray();
        yield return """{"hooks":{"createRuntime":[{"path":"/p","args":["procfs","hook"]}]},"mounts":[]}"""u8.ToArray();
        yield return """
            {
              // how many
              "workers": 4, "openFiles": 4096, "keptDescriptors": 0, "threadWalkLimit": 5000, "cpuView": "quota", "cpuNumbering": "host", "btime": "container", "swap": "hide",
              "memory": "512m", "loadavg": "off", "releaseSeconds": 30, "enable": "annotation", "runtime": "crun", "logLevel": "debug", /* the end */
            }
            """u8.ToArray();
    }

    public void Try(ReadOnlySpan<byte> input)
    {
        OciConfig? config = OciConfig.Parse(input, out string defect);
        FuzzDefect.Unless(config is null == defect.Length > 0 && !defect.Contains('\n'), "a config.json that is none makes one sentence", defect);
        if (config is not null)
        {
            FuzzDefect.Unless(config.RootIn("/bundle") is not { } root || !root.Contains('\0'), "a root is a path");
            _ = config.IsMasked("proc/meminfo");
            FuzzDefect.Unless(config.Destinations.All(place => !place.Contains("//", StringComparison.Ordinal) || place.Contains('\0')), "a destination is a clean path");
        }

        // The order in which the wrapper does it: what the parser refuses is never edited.
        if (config is not null)
        {
            Edit(input);
        }

        _ = HookSettings.Parse(input, out string? wrong);
        FuzzDefect.Unless(wrong is null || (wrong.Length > 0 && !wrong.Contains('\n')), "a configuration that the hook cannot use makes one sentence", wrong ?? "");
        Daemon(input);
    }

    public void Dispose()
    {
    }

    private static void Edit(ReadOnlySpan<byte> input)
    {
        try
        {
            byte[]? hooked = ConfigEdit.AddHooks(input, "/usr/bin/procfs", Arguments);
            if (hooked is not null)
            {
                KeptJson.Check(input, hooked, "hooks", ["createRuntime", "poststop"]);
                FuzzDefect.Unless(ConfigEdit.AddHooks(hooked, "/elsewhere/procfs", Arguments) is null, "a hook is added once");
            }

            KeptJson.CheckMounts(input, ConfigEdit.AddMounts(input, "/var/lib/procfs", Files), Files.Length);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // What the wrapper catches, and says in one sentence.
            FuzzDefect.Unless(exception.Message.Length > 0, "what cannot be edited is explained");
        }
    }

    private static void Daemon(ReadOnlySpan<byte> input)
    {
        try
        {
            ProcFsConfig config = ConfigFile.Parse(Encoding.UTF8.GetString(input), "procfs.json");
            FuzzDefect.Unless(config is { Workers: >= 1 and <= 8, OpenFiles: >= 16 and <= 1 << 16, KeptDescriptors: >= 0, View.MostThreads: >= 1, View.MemoryBytes: null or >= 1 << 20 }, "a configuration is within its bounds");
        }
        catch (Failure failure)
        {
            FuzzDefect.Unless(failure.Code == ExitCode.WrongUse && failure.Message.Length > 0, "a configuration that the daemon cannot use is a wrong use");
        }
    }
}
