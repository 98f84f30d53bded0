using System.Diagnostics;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Control;
using ProcFs.Hook.Oci;
using ProcFs.Hook.Output;
using ProcFs.Hook.Reading;
using ProcFs.Hook.Registration;
using ProcFs.Hook.Settings;

namespace ProcFs.Hook.Hooking;

/// <summary>One call of the hook, from the state on standard input to the sentence for the log. It throws nothing that a container can bring about.</summary>
internal sealed class HookRun(HookOptions options, HookLog log)
{
    /// <summary>How long all of it may take: the runtime waits, and its own limit is 5 s in the files that we ship.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    internal static readonly TimeSpan DaemonWithin = TimeSpan.FromMilliseconds(200);
    internal static readonly TimeSpan ForTheReport = TimeSpan.FromMilliseconds(100);
    private const int MostStateBytes = 1 << 20;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly long _until = Environment.TickCount64 + (long)(options.Within - ForTheReport).TotalMilliseconds;

    /// <summary>Does it.</summary>
    /// <param name="input">A descriptor with the runtime's state.</param>
    public HookResult Run(int input)
    {
        if (options.Lxc is { } call)
        {
            return RunFor(call);
        }

        byte[]? text = BoundedRead.Stream(input, MostStateBytes, _until, out string defect);
        OciState? state = text is null ? null : OciState.Parse(text, out defect);
        if (state is null)
        {
            return new HookResult(HookEvent.WrongUse, $"standard input has no state of a container: {defect}");
        }

        string who = $"container {state.Id}";
        HookStage? stage = options.Stage ?? (state.Status == "stopped" ? HookStage.Poststop : state.Status == "running" ? HookStage.Poststart : state.Pid > 1 ? HookStage.CreateRuntime : null);
        return stage switch
        {
            null => new HookResult(HookEvent.Skipped, $"{who}: nothing is done, since its state has no process of the host; if this is createContainer, say --stage createContainer"),
            HookStage.Poststop => Forget(who, state.Id),
            _ => Start(who, stage.Value, state),
        };
    }

    private HookResult RunFor(LxcCall call)
    {
        string who = $"container {call.Name}";
        if (call.Name.Length == 0)
        {
            return new HookResult(HookEvent.WrongUse, "LXC says no container's name, neither by arguments nor by LXC_NAME");
        }

        switch (call.Type)
        {
            case "post-stop":
                return Forget(who, call.Name);

            case "start-host" when call.Pid > 1:
                RegistryEntry? entry = Entry(call.Name, call.Pid, "lxc", null, options.Files, options.View);
                return entry is null ? Gone(who, call.Pid) : Attach(who, entry, rootPath: null, masked: []);

            case "start-host":
                return Failed($"{who} gets no files: LXC_PID has no process");

            default:
                return new HookResult(HookEvent.WrongUse, $"{who}: lxc.hook.{call.Type} is none of ours; use lxc.hook.start-host and lxc.hook.post-stop");
        }
    }

    private HookResult Start(string who, HookStage stage, OciState state)
    {
        if (state.Bundle is not { } bundle)
        {
            return Failed($"{who} gets no files: its state has no bundle with an absolute path");
        }

        OciConfig? config = OciConfig.Read(bundle, out string defect);
        if (config is null)
        {
            return Failed($"{who} gets no files: {defect}");
        }

        HookSettings settings = HookSettings.Read(options.ConfigPath, out string? wrong);
        Verdict verdict = Decision.Of(new Wishes(config, state.Annotations, options.Enable ?? settings.Enable, options.OnlyLimited, options.Files, options.View));
        foreach (string remark in wrong is null ? verdict.Remarks : [.. verdict.Remarks, wrong])
        {
            log.Tell(HookEvent.Remark, $"{who}: {remark}");
        }

        if (verdict.Skip is { } reason)
        {
            return new HookResult(HookEvent.Skipped, $"{who} gets no files: {reason}");
        }

        string? root = config.RootIn(bundle);
        if (root is null)
        {
            return Failed($"{who} gets no files: {OciConfig.PathIn(bundle)} has no root path");
        }

        if (stage == HookStage.CreateContainer)
        {
            AttachReport report = new CommonFiles(options, Left()).Attach(root, verdict.Files, config.Masked);
            return AttachSummary.Of(who, report, [], Stopwatch.GetElapsedTime(_start));
        }

        if (state.Pid <= 1)
        {
            return Failed($"{who} gets no files: its state has no process of the host");
        }

        RegistryEntry? entry = Entry(state.Id, state.Pid, "hook", bundle, verdict.Files, verdict.View);
        return entry is null
            ? Gone(who, state.Pid)
            : Attach(who, entry, stage == HookStage.Poststart ? null : root, config.Masked);
    }

    private HookResult Attach(string who, RegistryEntry entry, string? rootPath, IReadOnlyList<string> masked)
    {
        // In the spool before the daemon is asked: one that is down now finds it there later.
        if (RegistryFile.Write(options.RunDirectory, entry) is { } unwritten)
        {
            return Failed($"{who} gets no files: {unwritten}");
        }

        string name = RunDirectory.RegistryName(entry.Id);
        using ControlClient daemon = new(options.RunDirectory, options.DaemonWithin);
        ControlReply reply = daemon.Ask(new ControlRequest(ControlVerb.Register, name));
        if (reply.Answer is not { Error: null } answer)
        {
            string then = reply.Answer is null ? "; it is registered, and gets them when the daemon serves" : "";
            return Failed($"{who} gets no files: {reply.Failure}{then}");
        }

        (List<string> files, List<string> unserved) = Choose(entry.Files, answer);
        AttachReport report = Attacher.Attach(new AttachRequest
        {
            Pid = entry.Pid,
            StartTime = entry.StartTime,
            ProcRoot = options.ProcRoot,
            RootPath = rootPath,
            SourceDirectory = answer.SourceDirectory,
            Files = files,
            Masked = masked,
            Own = ConnectionList.Read(options.RunDirectory, options.ProcRoot, answer.Minor, Path.GetFileName(answer.Mount)),
            Within = Left(),
        });
        HookResult result = AttachSummary.Of(who, report, unserved, Stopwatch.GetElapsedTime(_start));
        if (!result.IsFailure)
        {
            daemon.Tell(new ControlRequest(ControlVerb.Attached, name)); // else it would look for itself in a while
        }

        return result;
    }

    private HookResult Forget(string who, string id)
    {
        using ControlClient daemon = new(options.RunDirectory, options.DaemonWithin);
        ControlReply reply = daemon.Ask(new ControlRequest(ControlVerb.Unregister, RunDirectory.RegistryName(id)));
        if (reply.Failure is not { } failure)
        {
            return new HookResult(HookEvent.Ended, $"{who} has ended");
        }

        // A daemon that comes back reads what is in the spool. By now it may be another one's, under the same id.
        bool isAnothers = RegistryFile.TryRead(RunDirectory.RegistryFile(options.RunDirectory, id), out RegistryEntry? entry, out _)
            && StartTime.IsStill(options.ProcRoot, entry!.Pid, entry.StartTime);
        string? kept = isAnothers ? null : RegistryFile.Delete(options.RunDirectory, id);
        return reply.IsAbsent && kept is null ? new HookResult(HookEvent.Ended, $"{who} has ended") : new HookResult(HookEvent.NotForgotten, $"{who} has ended, and the daemon was not told: {kept ?? failure}");
    }

    private RegistryEntry? Entry(string id, int pid, string source, string? bundle, IReadOnlyList<string>? files, IReadOnlyDictionary<string, string> view)
        => !StartTime.TryRead(options.ProcRoot, pid, out ulong startTime) ? null : new RegistryEntry
        {
            Id = id,
            Pid = pid,
            StartTime = startTime,
            Source = source,
            Bundle = bundle,
            Files = files,
            View = view,
        };

    /// <summary>Which files to attach, and which of those wanted are not served.</summary>
    private static (List<string> Files, List<string> Unserved) Choose(IReadOnlyList<string>? wanted, ControlAnswer answer)
    {
        List<string> files = [];
        List<string> unserved = [];
        foreach (string file in wanted ?? answer.Files)
        {
            (answer.Serves(file) ? files : unserved).Add(file);
        }

        return (files, unserved);
    }

    private HookResult Gone(string who, int pid) => Failed($"{who} gets no files: there is no process {pid} in {options.ProcRoot}");

    private TimeSpan Left() => TimeSpan.FromMilliseconds(Math.Max(1, _until - Environment.TickCount64));

    private static HookResult Failed(string sentence) => new(HookEvent.NoFiles, sentence);
}
