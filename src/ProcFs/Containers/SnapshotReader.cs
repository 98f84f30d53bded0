using ProcFs.Cgroups;
using ProcFs.Host;
using ProcFs.Sampling;

namespace ProcFs.Containers;

/// <summary>Fills a worker's snapshot for one container: the only place where cgroups, host, history and clock come together.</summary>
internal sealed class SnapshotReader
{
    private readonly ProcRoot _proc;
    private readonly ViewSettings _settings;
    private readonly LoadThread? _load;
    private readonly ThreadWalkBuffers _walkBuffers = new();
    private Container? _walkDue;

    /// <param name="proc">Where processes are.</param>
    /// <param name="host">The worker's.</param>
    /// <param name="settings">How containers are shown.</param>
    /// <param name="load">Goes on sampling the load of containers that were asked for it; null: only reads take samples.</param>
    public SnapshotReader(ProcRoot proc, HostView host, ViewSettings settings, LoadThread? load = null)
    {
        _proc = proc;
        _settings = settings;
        _load = load;
        Snapshot = new ContainerSnapshot(host, settings.Options);
    }

    /// <summary>A container's threads are to be counted, which takes its time: best when nobody waits.</summary>
    public bool IsWalkDue => _walkDue is not null;

    /// <summary>What the last <see cref="TryFill"/> found.</summary>
    public ContainerSnapshot Snapshot { get; }

    /// <summary>
    /// Reads what a file needs. False when a cgroup of the container vanished meanwhile: the caller is to be resolved anew, once,
    /// and then asked with <paramref name="takeWhatIsLeft"/>, which never fails.
    /// </summary>
    public bool TryFill(CallerView view, Facts facts, bool takeWhatIsLeft)
    {
        Container container = view.Container;
        ContainerSnapshot snapshot = Snapshot;
        snapshot.IsHostProcess = view.IsHostProcess;
        snapshot.Options = container.OptionsBy(_settings);
        snapshot.IsInRootEverywhere = container.Cgroups.IsRoot;
        snapshot.StartNs = container.StartNs;
        snapshot.BootOffsetNs = container.Init?.BootOffsetNs ?? 0;
        // Before the clock and the cgroup are read, so that a later sample of another worker is noticed.
        int ledgerVersion = container.Ledger.Version;
        int pagingVersion = container.Paging.Version;
        snapshot.NowNs = snapshot.Host.Clock.GetTimestamp();
        if (!container.Cgroups.TryRead(GroupsFor(facts), snapshot.Resources, takeWhatIsLeft))
        {
            return false;
        }

        if (facts.HasFlag(Facts.Cpus))
        {
            ContainerResources resources = snapshot.Resources;
            snapshot.Cpus = CpuView.Of(resources.EffectiveCpus, resources.Quota, snapshot.Host.OnlineCpus, snapshot.Options.Cpus, container.CpuView);
            container.CpuView = snapshot.Cpus;
        }

        if (facts.HasFlag(Facts.CpuTimes))
        {
            Sample(container, ledgerVersion);
        }

        if (facts.HasFlag(Facts.Threads))
        {
            snapshot.Threads = container.Threads.Get(container, _proc, snapshot.Host.Clock, snapshot.Options.MostThreads, _walkBuffers, out bool isDue);
            _walkDue = isDue ? container : _walkDue;
        }

        if (facts.HasFlag(Facts.Paging))
        {
            PagingReader.Read(snapshot.Resources, snapshot.Host.Diskstats.Read(HostView.SharedForNs), snapshot.Paging);
            container.Paging.Update(pagingVersion, snapshot.Paging);
        }

        if (facts.HasFlag(Facts.Load))
        {
            snapshot.Load = ReadLoad(view);
        }

        return true;
    }

    /// <summary>Counts them.</summary>
    public void WalkIfDue()
    {
        Container? container = _walkDue;
        _walkDue = null;
        container?.Threads.Refresh(container, _proc, Snapshot.Host.Clock, Snapshot.Options.MostThreads, _walkBuffers);
    }

    private LoadAverage ReadLoad(CallerView view)
    {
        if (view.IsHostProcess || !Snapshot.Options.LoadAverage)
        {
            return default;
        }

        ThreadCounts threads = Snapshot.Threads;
        LoadAverage average = view.Container.Load.Read(Snapshot.NowNs, threads.Running + threads.Blocked);
        if (threads.Threads > 0)
        {
            _load?.Want(view.Container, Snapshot.NowNs);
        }

        return average;
    }

    private ResourceGroups GroupsFor(Facts facts)
    {
        ResourceGroups groups = ResourceGroups.None;
        if (facts.HasFlag(Facts.Memory))
        {
            // What the host does not have no container has; then its files are not read.
            Snapshot.HasHugePages = Snapshot.Host.Meminfo.HasHugePages;
            groups |= Snapshot.Host.Meminfo.SwapTotalKb > 0 ? ResourceGroups.Memory : ResourceGroups.MemoryAlone;
            groups |= Snapshot.HasHugePages ? ResourceGroups.Hugetlb : ResourceGroups.None;
        }

        groups |= facts.HasFlag(Facts.Cpus) ? ResourceGroups.CpuSet | ResourceGroups.CpuQuota : ResourceGroups.None;
        groups |= facts.HasFlag(Facts.PressureCpu) ? ResourceGroups.PressureCpu : ResourceGroups.None;
        groups |= facts.HasFlag(Facts.PressureIo) ? ResourceGroups.PressureIo : ResourceGroups.None;
        groups |= facts.HasFlag(Facts.PressureMemory) ? ResourceGroups.PressureMemory : ResourceGroups.None;
        groups |= facts.HasFlag(Facts.PressureIrq) ? ResourceGroups.PressureIrq : ResourceGroups.None;
        groups |= facts.HasFlag(Facts.CpuTimes) ? ResourceGroups.CpuUsage : ResourceGroups.None;
        groups |= facts.HasFlag(Facts.Paging) ? ResourceGroups.MemoryEvents : ResourceGroups.None;
        groups |= facts.HasFlag(Facts.Slabs) ? ResourceGroups.Slabs : ResourceGroups.None;
        return groups | (facts.HasFlag(Facts.BlockIo) ? ResourceGroups.BlockIo : ResourceGroups.None);
    }

    private void Sample(Container container, int ledgerVersion)
    {
        ContainerResources resources = Snapshot.Resources;
        CpuUsage usage = resources.Usage ?? default;
        long total = usage.TotalNs;
        if (!resources.PerCpuNs.IsEmpty)
        {
            // v1: the total is read a moment before the numbers per CPU. One moment must count, or they would not add up.
            total = 0;
            foreach (long used in resources.PerCpuNs)
            {
                total = Saturating.Add(total, used);
            }
        }

        long user = Math.Min(total, usage.TotalNs == total ? usage.UserNs : Saturating.Scale(total, usage.UserNs, usage.TotalNs));
        CpuSample sample = new()
        {
            NowNs = Snapshot.NowNs,
            StartNs = container.StartNs,
            HasUsage = resources.Usage is not null,
            UserNs = user,
            SystemNs = total - user,
            NiceNs = Math.Min(user, usage.NiceNs ?? 0),
            PerCpuNs = resources.PerCpuNs,
            Cpus = Snapshot.Cpus,
        };
        container.Ledger.Update(ledgerVersion, sample, Snapshot.CpuTimes);
    }
}
