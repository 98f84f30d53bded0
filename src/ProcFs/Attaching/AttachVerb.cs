using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Containers;
using ProcFs.Hook;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Control;
using ProcFs.Hook.Registration;
using ProcFs.Interop;
using ProcFs.Metrics;

namespace ProcFs.Attaching;

/// <summary><c>procfs attach</c>: brings the files into running containers, and back into those whose connection was lost.</summary>
internal sealed partial class AttachVerb(AttachOptions options, ILogger logger)
{
    private static readonly TimeSpan PerContainer = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan DaemonAnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>Another one needs 5 s for each four containers that hang.</summary>
    private static readonly TimeSpan OthersDoneWithin = TimeSpan.FromSeconds(60);

    private readonly Spool _spool = new(options, logger);
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private StatsFile? _stats;
    private int _containers;
    private int _failures;

    /// <summary>All registered containers but those that somebody detached, and every other mount namespace with dead files of ours.</summary>
    /// <exception cref="Failure">Nothing at all can be done.</exception>
    public ExitCode All()
    {
        // Before anything is looked at: what a detach takes out meanwhile has to be seen as missing.
        using FileDescriptor? turn = ContainersLock.Take(options.RunDirectory, OthersDoneWithin, endOther: false);
        PutOffCollections();
        using ProcRoot root = new(options.ProcRoot);
        using ControlClient daemon = new(options.RunDirectory, DaemonAnswersWithin, isForEach: true);
        ControlAnswer where = Ask(daemon, ControlVerb.Where);
        CountIn(where);
        List<RegistryEntry> registered = [];
        List<AttachTarget> targets = [];
        foreach (RegistryEntry entry in _spool.ReadAll())
        {
            if (!_spool.IsAlive(entry))
            {
                // The daemon removes the entry with what it knows of the container.
                _ = Ask(daemon, ControlVerb.Unregister, entry);
                continue;
            }

            registered.Add(entry);
            if (!entry.IsDetached && Register(daemon, entry) is { } target)
            {
                targets.Add(target);
            }
        }

        OwnMounts own = Own(where);
        AttachPlan plan = new(root, MountNamespaces.Scan(root), own, registered);
        Run([.. plan.ToAttach(targets), .. plan.ToRepair(where.SourceDirectory)], own);
        Confirm(daemon, targets);
        return Conclude(registered.Count);
    }

    /// <summary>Single containers, by id or by a process; those that were detached by hand are attached again from now on.</summary>
    /// <param name="names">Ids or process numbers.</param>
    /// <param name="files">Which files they are to have from now on, as "proc/meminfo", and no others of ours; null: as before, or all.</param>
    /// <param name="view">Likewise how they are shown, by the names of <see cref="Hook.Hooking.ViewWords"/>; what is not named is as before.</param>
    /// <exception cref="Failure">One of them does not exist or is one of the host, or the daemon cannot be asked.</exception>
    public ExitCode These(IReadOnlyList<string> names, IReadOnlyList<string>? files, IReadOnlyDictionary<string, string> view)
    {
        using ProcRoot root = new(options.ProcRoot);
        MountNamespaces namespaces = MountNamespaces.Scan(root);
        using ControlClient daemon = new(options.RunDirectory, DaemonAnswersWithin, isForEach: true);
        ControlAnswer where = Ask(daemon, ControlVerb.Where);
        CountIn(where);
        List<RegistryEntry> entries = _spool.ReadAll();
        List<AttachTarget> targets = [];
        foreach (RegistryEntry found in _spool.Named(names, entries, root, namespaces))
        {
            RegistryEntry entry = found with { Files = files ?? found.Files, View = Merged(found.View, view), IsDetached = false };
            _spool.Write(entry);
            entries.RemoveAll(other => other.Id == entry.Id);
            entries.Add(entry);
            if (Register(daemon, entry) is { } target)
            {
                targets.Add(target with { IsOnly = files is not null });
            }
        }

        OwnMounts own = Own(where);
        Run([.. new AttachPlan(root, namespaces, own, [.. entries.Where(_spool.IsAlive)]).ToAttach(targets)], own);
        Confirm(daemon, targets);
        return Conclude(targets.Count);
    }

    private static Dictionary<string, string> Merged(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        Dictionary<string, string> merged = new(before, StringComparer.Ordinal);
        foreach ((string name, string value) in now)
        {
            merged[name] = value;
        }

        return merged;
    }

    /// <summary>
    /// A child is forked for each container (<see cref="Libc.ForkForTrees"/>), and hangs when it is forked in the moment in which a collection begins: it is given up
    /// then and another one made, but that takes time. A thousand containers need less than this.
    /// </summary>
    private static void PutOffCollections()
    {
        const long enough = 128 * 1024 * 1024;
        try
        {
            _ = GC.TryStartNoGCRegion(enough);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentOutOfRangeException or OutOfMemoryException)
        {
            // Then they come when they come.
        }
    }

    private ExitCode Conclude(int containers)
    {
        double milliseconds = Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
        LogSummary(containers, _containers, _failures, milliseconds);
        return _failures == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>What becomes of containers is counted beside what the daemon counts. Not disposed of: the process ends, and some of its threads may be waiting for others.</summary>
    private void CountIn(ControlAnswer where)
        => _stats = StatsFile.TryOpen(Path.Combine(options.RunDirectory, Path.GetFileName(where.Mount) + StatsFile.Extension), boot: null, out _);

    private OwnMounts Own(ControlAnswer where) => ConnectionList.Read(options.RunDirectory, options.ProcRoot, where.Minor, Path.GetFileName(where.Mount));

    private void Run(IReadOnlyList<ContainerWork> work, OwnMounts own) => ParallelWork.Run(
        work,
        PerContainer,
        (target, within) => Attach(target, own, within),
        Tell);

    private AttachReport Attach(NamespaceWork target, OwnMounts own, TimeSpan within)
    {
        long start = Stopwatch.GetTimestamp();
        AttachReport before = new(null, []);
        if (target.IsOnly && target.Files.Any(CpuDirectory.Holds) && !target.Files.Contains(CpuDirectory.Name))
        {
            // Under the directory nobody gets at its files: it goes first.
            before = TakeOffOthers(target, before, own, within);
            if (before.Refusal is not null)
            {
                return before;
            }
        }

        AttachReport attached = Attacher.Attach(new AttachRequest
        {
            Pid = target.Pid,
            StartTime = target.StartTime,
            ProcRoot = options.ProcRoot,
            SourceDirectory = target.Source,
            Files = target.Files,
            Own = own,
            Within = within - Stopwatch.GetElapsedTime(start),
        });
        attached = attached with { Files = [.. before.Files, .. attached.Files] };
        return target.IsOnly && attached.Refusal is null ? TakeOffOthers(target, attached, own, within - Stopwatch.GetElapsedTime(start)) : attached;
    }

    private AttachReport TakeOffOthers(NamespaceWork target, AttachReport attached, OwnMounts own, TimeSpan within)
    {
        AttachReport detached = Attacher.Detach(new DetachRequest
        {
            Pid = target.Pid,
            StartTime = target.StartTime,
            ProcRoot = options.ProcRoot,
            Except = target.Files,
            Own = own,
            Within = within,
        });
        return new AttachReport(detached.Refusal, [.. attached.Files, .. detached.Files]);
    }

    private void Tell(ContainerResult result)
    {
        AttachSummary summary = AttachSummary.Of(result.Reports);
        if (summary.HasFailed && !result.IsStillThere(options.ProcRoot))
        {
            LogEnded(result.Work.Id, result.Work.Pid);
        }
        else if (summary.HasFailed)
        {
            _failures++;
            _failed.Add(result.Work.Id);
            _stats?.Count(StatsEvent.NotAttached);
            LogFailed(result.Work.Id, result.Work.Pid, summary.Text, result.Milliseconds);
        }
        else if (summary.HasDone)
        {
            _containers++;
            _stats?.Count(StatsEvent.Attached);
            LogDone(result.Work.Id, result.Work.Pid, summary.Text, result.Milliseconds);
        }
        else
        {
            _stats?.Count(StatsEvent.AttachSkipped);
        }
    }

    /// <summary>Those who have their files are waited for no more by the daemon.</summary>
    private void Confirm(ControlClient daemon, List<AttachTarget> targets)
    {
        foreach (AttachTarget target in targets.Where(target => !_failed.Contains(target.Entry.Id)))
        {
            _ = Ask(daemon, ControlVerb.Attached, target.Entry);
        }
    }

    private AttachTarget? Register(ControlClient daemon, RegistryEntry entry)
    {
        if (Ask(daemon, ControlVerb.Register, entry) is not { Container: > 0 } answer)
        {
            return null;
        }

        string[] served = [.. answer.Files, .. answer.Parts];
        IReadOnlyList<string> files = entry.Files is null ? answer.Files : [.. served.Intersect(entry.Files)];
        return new AttachTarget(entry, answer.SourceDirectory, files, served, IsOnly: false);
    }

    private ControlAnswer? Ask(ControlClient daemon, ControlVerb verb, RegistryEntry entry)
    {
        ControlReply reply = daemon.Ask(new ControlRequest(verb, RunDirectory.RegistryName(entry.Id)));
        if (reply.Answer is { Error: { } error })
        {
            _failures++;
            LogNotRegistered(entry.Id, entry.Pid, error);
            return null;
        }

        return reply.Answer ?? throw Unreachable(reply);
    }

    private static ControlAnswer Ask(ControlClient daemon, ControlVerb verb)
    {
        ControlReply reply = daemon.Ask(new ControlRequest(verb));
        return reply.Answer is { Error: null } answer ? answer : throw Unreachable(reply);
    }

    private static Failure Unreachable(ControlReply reply)
        => new(ExitCode.Failed, reply.IsAbsent ? $"{reply.Failure}: start it (systemctl start procfs, or procfs serve), or name its run directory with --run-dir" : reply.Failure!);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Id} (process {Pid}): {What}, in {Milliseconds:0.0} ms")]
    private partial void LogDone(string id, int pid, string what, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Id} (process {Pid}): {What}, after {Milliseconds:0.0} ms")]
    private partial void LogFailed(string id, int pid, string what, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Id} (process {Pid}): the daemon does not register it: {Reason}")]
    private partial void LogNotRegistered(string id, int pid, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Id} (process {Pid}) ended meanwhile")]
    private partial void LogEnded(string id, int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Registered} containers: something attached to {Changed}, {Failed} failed, in {Milliseconds:0.0} ms")]
    private partial void LogSummary(int registered, int changed, int failed, double milliseconds);
}
