using System.Text.Json;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Control;
using ProcFs.Hook.Hooking;
using ProcFs.Hook.Oci;
using ProcFs.Hook.Output;
using ProcFs.Hook.Settings;
using ProcFs.Interop;

namespace ProcFs.Hook.Wrapping;

/// <summary>Prepares the bundle of a container that is about to be made.</summary>
internal sealed class Bundle(RuntimeOptions options, HookSettings settings, HookLog log)
{
    /// <summary>How long the daemon may take for an answer; tests on a busy machine give it more.</summary>
    public TimeSpan DaemonWithin { get; init; } = HookRun.DaemonWithin;

    /// <summary>Changes its config.json so that the container gets files; null when that is done or not wanted, else why it could not be done.</summary>
    /// <param name="directory">The bundle.</param>
    /// <param name="program">This program's own file.</param>
    public string? Prepare(string directory, string? program)
    {
        byte[]? text = BundleFile.Read(directory, out string defect);
        OciConfig? config = text is null ? null : OciConfig.Parse(text, out defect);
        if (config is null)
        {
            return text is null ? defect : $"cannot understand {OciConfig.PathIn(directory)}: {defect}";
        }

        EnableMode enable = options.Enable ?? settings.Enable;
        Verdict verdict = Decision.Of(new Wishes(config, new Dictionary<string, string>(), enable, options.OnlyLimited));
        if (verdict.Skip is { } reason)
        {
            log.Tell(HookEvent.Skipped, $"the container of {directory} gets no files: {reason}");
            return null;
        }

        try
        {
            byte[]? changed = options.Mode == WrapMode.Hooks
                ? WithHooks(text, program, enable, out string? missing)
                : WithMounts(text, config, verdict, out missing);
            return missing ?? (changed is null ? null : BundleFile.Replace(directory, changed));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return $"cannot change {OciConfig.PathIn(directory)}: {exception.Message}";
        }
    }

    private byte[]? WithHooks(ReadOnlySpan<byte> text, string? program, EnableMode enable, out string? missing)
    {
        missing = program is null ? "cannot tell where this program's own file is: is /proc mounted?" : null;
        return program is null ? null : ConfigEdit.AddHooks(text, program, HookArguments(enable));
    }

    private List<string> HookArguments(EnableMode enable)
    {
        List<string> words = ["procfs", "hook", "--enable", HookSettings.EnableWords[(int)enable]];
        Add(words, "--run-dir", options.RunDirectory);
        Add(words, "--proc-root", options.ProcRoot);
        Add(words, "--config", options.ConfigPath);
        if (options.OnlyLimited)
        {
            words.Add("--only-limited");
        }

        if (options.IsStrict)
        {
            words.Add("--strict");
        }

        return words;
    }

    private static void Add(List<string> words, string option, string? value)
    {
        if (value is not null)
        {
            words.Add(option);
            words.Add(value);
        }
    }

    /// <summary>A bind whose source is not there, or dead, would keep the container from starting: so the daemon is asked first.</summary>
    private byte[]? WithMounts(ReadOnlySpan<byte> text, OciConfig config, Verdict verdict, out string? missing)
    {
        using ControlClient daemon = new(options.RunDirectory ?? RunDirectory.Default, DaemonWithin);
        ControlReply reply = daemon.Ask(new ControlRequest(ControlVerb.Where));
        missing = reply.Failure;
        if (missing is null && MinorOfPublicMount() != reply.Answer!.Minor)
        {
            missing = $"the files that the daemon serves are not mounted on {options.Mount}: has it another --mount?";
        }

        if (missing is not null)
        {
            return null;
        }

        List<string> files = [];
        IReadOnlyList<string> wanted = verdict.Files ?? reply.Answer!.Files;
        foreach (string file in wanted.Where(file => !CpuDirectory.Holds(file) || !wanted.Contains(CpuDirectory.Name)))
        {
            bool isAllowed = ServedFiles.IsAcceptedByRuntimes(file) && (!file.StartsWith("sys/", StringComparison.Ordinal) || config.Destinations.Contains("/sys"));
            bool isFree = !config.Destinations.Any(place => place == "/" + file || (CpuDirectory.Is(file) && CpuDirectory.Holds(place.TrimStart('/'))));
            if (isAllowed && isFree && reply.Answer!.Serves(file) && !config.IsMasked(file))
            {
                files.Add(file);
            }
        }

        return files.Count == 0 ? null : ConfigEdit.AddMounts(text, options.Mount, files);
    }

    private uint? MinorOfPublicMount()
    {
        using FileDescriptor? self = FileDescriptor.Open((options.ProcRoot ?? "/proc") + "/self", Libc.O_PATH | Libc.O_DIRECTORY, out _);
        return self is not null && MountTable.Read(self.Number, out _) is { } table ? PublicMount.FindMinor(table, options.Mount) : null;
    }
}
