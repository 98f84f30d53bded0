using ProcFs.Cgroups;
using ProcFs.Host;
using ProcFs.Sampling;

namespace ProcFs.Containers;

/// <summary>
/// Everything a file needs to render itself for one container at one moment. Filled by <see cref="SnapshotReader"/> with the
/// facts the file asked for, and reused by its worker; a file only reads it.
/// </summary>
internal sealed class ContainerSnapshot
{
    public ContainerSnapshot(HostView host, ViewOptions options)
    {
        Host = host;
        Options = options;
        Cpus = CpuView.Of(null, null, host.OnlineCpus, default, last: null);
    }

    public HostView Host { get; }

    /// <summary>How this container is shown.</summary>
    public ViewOptions Options { get; set; }

    /// <summary>The reader is a process of the host, in no container.</summary>
    public bool IsHostProcess { get; set; }

    /// <summary>Now, in ns since boot.</summary>
    public long NowNs { get; set; }

    /// <summary>T0, the container's start in ns since boot; null when it cannot be told.</summary>
    public long? StartNs { get; set; }

    /// <summary>What the container's own time namespace adds to the time since boot, in ns; zero where it adds nothing.</summary>
    public long BootOffsetNs { get; set; }

    /// <summary>Only the groups behind the facts asked for are valid.</summary>
    public ContainerResources Resources { get; } = new();

    /// <summary>Huge pages were looked at; where the host has none, they are not. Valid with <see cref="Facts.Memory"/>.</summary>
    public bool HasHugePages { get; set; }

    /// <summary>Valid with <see cref="Facts.Cpus"/>.</summary>
    public CpuView Cpus { get; set; }

    /// <summary>
    /// The host's own CPU files are the right answer: nothing limits the CPUs, and the reader is no container, or one in the root
    /// cgroup. Valid with <see cref="Facts.Cpus"/>.
    /// </summary>
    public bool SeesHostCpus => Cpus.IsWholeHost
        && (IsHostProcess || (IsInRoot(Resources.CpuSetScope, Resources.CpuQuotaScope) && IsInRoot(Resources.CpuQuotaScope, Resources.CpuSetScope)));

    /// <summary>Valid with <see cref="Facts.CpuTimes"/>.</summary>
    public CpuTimes CpuTimes { get; } = new();

    /// <summary>Valid with <see cref="Facts.Threads"/>.</summary>
    public ThreadCounts Threads { get; set; }

    /// <summary>By the numbers of <see cref="PagingLedger"/>. Valid with <see cref="Facts.Paging"/>.</summary>
    public long[] Paging { get; } = new long[PagingLedger.Counters];

    /// <summary>Valid with <see cref="Facts.Load"/>.</summary>
    public LoadAverage Load { get; set; }

    /// <summary>The container has no cgroup of its own, and the host's root is its own in some hierarchy.</summary>
    public bool IsInRootEverywhere { get; set; }

    /// <summary>In the root of a controller, or the host lacks this controller and the root of the other one counts.</summary>
    private static bool IsInRoot(ControllerScope scope, ControllerScope other)
        => scope == ControllerScope.Root || (scope == ControllerScope.Absent && other == ControllerScope.Root);
}
