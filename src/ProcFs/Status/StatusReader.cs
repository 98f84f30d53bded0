using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Attaching;
using ProcFs.Configuration;
using ProcFs.Hook;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;
using ProcFs.Host;
using ProcFs.Interop;
using ProcFs.Metrics;
using ProcFs.Registration;
using ProcFs.Sampling;
using ProcFs.Serving;

namespace ProcFs.Status;

/// <summary>
/// Finds out how the containers of a mount are. The kernel is asked, by the host's procfs and cgroups, and files of the run directory; never the daemon, which may
/// hang, and never a file in a container or on a mount of ours, where whoever serves it may make us wait.
/// </summary>
/// <param name="roots">The trees of the containers' host.</param>
/// <param name="runDirectory">Of the daemon.</param>
/// <param name="mount">Its public mount point.</param>
/// <param name="config">What is configured for all.</param>
internal sealed class StatusReader(HostRoots roots, string runDirectory, string mount, ProcFsConfig config)
{
    private readonly Spool _spool = new(new AttachOptions(runDirectory, roots.Proc, null), NullLogger.Instance);

    /// <exception cref="Failure">The run directory cannot be read, or the host's trees are not there.</exception>
    public StatusReport Read()
    {
        // Each container's first process is held.
        _ = Libc.RaiseDescriptorLimit();
        using ViewService views = LocalViews.Open(roots, runDirectory, mount, config, NullLogger.Instance);
        ViewRenderer renderer = views.CreateRenderer();
        bool isCounted = StatsReader.TryRead(runDirectory, mount, out StatsSnapshot counts, out string? defect, roots.Proc);
        StatsSnapshot? counted = isCounted ? counts : null;
        DaemonState daemon = DaemonState.Look(runDirectory, mount, roots.Proc, counted);
        ContainerMounts mounts = new(roots.Proc, OwnMounts(isCounted ? counts.Header.Connection : 0));
        Dictionary<RegistrationKey, ulong> numbers = [];
        foreach ((ulong number, RegistrationKey key) in NumberTable.Peek(NumberTable.PathOf(runDirectory, mount), HistoryScope.Read(roots)?.Boot ?? Guid.Empty))
        {
            numbers[key] = number;
        }

        List<ContainerStatus> containers = [];
        foreach (RegistryEntry entry in _spool.ReadAll().Where(_spool.IsAlive).OrderBy(entry => entry.Id, StringComparer.Ordinal))
        {
            RegistrationKey key = new(RunDirectory.RegistryName(entry.Id), entry.Pid, entry.StartTime);
            ulong number = numbers.GetValueOrDefault(key);
            if (LocalViews.Explain(renderer, LocalViews.Add(views, entry), entry, config) is { } values)
            {
                containers.Add(Status(entry, number, values, mounts.Look(entry.Pid, out _), daemon, counted?.Container(number)));
            }
        }

        return new StatusReport(mount, daemon, MountHealth.Of(roots, mount, daemon, counted).State, counted, defect, containers);
    }

    private static ContainerStatus Status(
        RegistryEntry entry, ulong number, IReadOnlyList<ExplainedValue> values, MountCounts? mounts, in DaemonState daemon, ContainerSlot? counted)
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan? since = counted is { LastReadNs: > 0 and long last } ? TimeSpan.FromTicks(Math.Max(now - last, 0) / TimeSpan.NanosecondsPerTick) : null;
        // A daemon that hangs, or is gone, works out nothing any more.
        double? rate = counted is { } slot && daemon is { IsServed: true, Hangs: false } ? slot.MilliRate / 1000.0 : null;
        return new ContainerStatus(entry, number, values, mounts, counted?.Reads, since, rate);
    }

    private OwnMounts OwnMounts(uint connection)
    {
        try
        {
            return ConnectionList.Read(runDirectory, roots.Proc, connection, MountName.Of(mount));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot read the connections of {runDirectory}: {exception.Message}; status needs root");
        }
    }
}
