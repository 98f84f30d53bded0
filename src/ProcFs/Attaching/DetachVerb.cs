using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Containers;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;
using ProcFs.Interop;

namespace ProcFs.Attaching;

/// <summary><c>procfs detach</c>: containers get the kernel's own files back. Needs no daemon.</summary>
internal sealed partial class DetachVerb(AttachOptions options, ILogger logger)
{
    /// <summary>
    /// For an attach that is ended: at once, unless it waits for a daemon that does not answer. Then it does nothing any more, and whoever waits for us
    /// has not much time.
    /// </summary>
    private static readonly TimeSpan OthersEndWithin = TimeSpan.FromSeconds(2);

    /// <summary>When somebody waits for it.</summary>
    private static readonly TimeSpan PerContainer = TimeSpan.FromSeconds(5);

    /// <summary>Of all containers: no single one may take all the time that there is before the daemon ends.</summary>
    private static readonly TimeSpan PerContainerOfAll = TimeSpan.FromSeconds(1);

    private readonly Spool _spool = new(options, logger);
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _containers;
    private int _failures;

    /// <summary>Every mount namespace that has something of ours but the host's own. Registered containers get their files back with the next attach.</summary>
    public ExitCode All()
    {
        using FileDescriptor? turn = ContainersLock.Take(options.RunDirectory, OthersEndWithin, endOther: true);
        using ProcRoot root = new(options.ProcRoot);
        OwnMounts own = Own();
        AttachPlan plan = new(root, MountNamespaces.Scan(root), own, [.. _spool.ReadAll().Where(_spool.IsAlive)]);
        return Run(plan.ToDetach(), PerContainerOfAll, own);
    }

    /// <summary>Single containers, by id or by a process. No attach but one by hand brings the files back.</summary>
    /// <exception cref="Failure">One of them does not exist, is one of the host, or that cannot be written down.</exception>
    public ExitCode These(IReadOnlyList<string> names)
    {
        using ProcRoot root = new(options.ProcRoot);
        MountNamespaces namespaces = MountNamespaces.Scan(root);
        List<RegistryEntry> entries = _spool.ReadAll();
        List<RegistryEntry> named = [];
        foreach (RegistryEntry found in _spool.Named(names, entries, root, namespaces))
        {
            RegistryEntry entry = found with { IsDetached = true };
            if (entries.RemoveAll(other => other.Id == entry.Id) > 0) // what nobody registered nobody attaches either
            {
                _spool.Write(entry);
            }

            entries.Add(entry);
            named.Add(entry);
        }

        OwnMounts own = Own();
        AttachPlan plan = new(root, namespaces, own, [.. entries.Where(_spool.IsAlive)]);
        return Run(plan.ToDetach(named), PerContainer, own);
    }

    private OwnMounts Own() => ConnectionList.Read(options.RunDirectory, options.ProcRoot, live: 0, options.Session);

    private ExitCode Run(IEnumerable<ContainerWork> work, TimeSpan perContainer, OwnMounts own)
    {
        ParallelWork.Run(
            work,
            perContainer,
            (target, within) => Attacher.Detach(new DetachRequest
            {
                Pid = target.Pid,
                StartTime = target.StartTime,
                ProcRoot = options.ProcRoot,
                Own = own,
                Within = within,
            }),
            Tell);
        double milliseconds = Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
        LogSummary(_containers, _failures, milliseconds);
        return _failures == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private void Tell(ContainerResult result)
    {
        AttachSummary summary = AttachSummary.Of(result.Reports);
        if (summary.HasFailed && result.IsStillThere(options.ProcRoot))
        {
            _failures++;
            LogFailed(result.Work.Id, result.Work.Pid, summary.Text, result.Milliseconds);
        }
        else if (summary.HasDone)
        {
            _containers++;
            LogDone(result.Work.Id, result.Work.Pid, summary.Text, result.Milliseconds);
        }
    }

    [LoggerMessage(1411, LogLevel.Information, "{Id} (process {Pid}): {What}, in {Milliseconds:0.0} ms")]
    private partial void LogDone(string id, int pid, string what, double milliseconds);

    [LoggerMessage(1412, LogLevel.Warning, "{Id} (process {Pid}): {What}, after {Milliseconds:0.0} ms")]
    private partial void LogFailed(string id, int pid, string what, double milliseconds);

    [LoggerMessage(1413, LogLevel.Information, "files taken off {Changed} containers, {Failed} failed, in {Milliseconds:0.0} ms")]
    private partial void LogSummary(int changed, int failed, double milliseconds);
}
