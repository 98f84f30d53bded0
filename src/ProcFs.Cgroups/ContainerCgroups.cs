using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>
/// Reads one container's cgroups through kept descriptors. Safe for several threads at once, each with its own
/// <see cref="ContainerResources"/>. Made by <see cref="CgroupTree.Open"/>; needs no disposal, the pool owns the descriptors.
/// </summary>
public sealed class ContainerCgroups
{
    private const ResourceGroups Pressures = ResourceGroups.PressureCpu | ResourceGroups.PressureIo | ResourceGroups.PressureMemory | ResourceGroups.PressureIrq;

    private readonly ContainerChains _chains;

    internal ContainerCgroups(CgroupPaths paths, ContainerChains chains)
    {
        Paths = paths;
        _chains = chains;
        Identity = chains.Identity?.Identity();
        IsRoot = chains.Processes is null && paths.Layout.Hierarchies.Any(hierarchy => paths[hierarchy] is not null);
    }

    /// <summary>Where the container is.</summary>
    public CgroupPaths Paths { get; }

    /// <summary>
    /// The container's cgroup in the hierarchy with CPU time, else in that of memory, else in the first that has a path for it. Never a
    /// hierarchy's root, which is everybody's. Null: there is none, or it does not exist.
    /// </summary>
    public CgroupIdentity? Identity { get; }

    /// <summary>The path is the root in every hierarchy that has one for the container, and there is such a hierarchy.</summary>
    public bool IsRoot { get; }

    /// <summary>
    /// Fills in the groups asked for. False: a cgroup of the container has vanished, what was filled in is not to be used; resolve the
    /// container anew and, if that does not help, call again with <paramref name="readWhatIsLeft"/>: then it never fails, and
    /// what is missing is absent.
    /// </summary>
    public bool TryRead(ResourceGroups groups, ContainerResources into, bool readWhatIsLeft = false)
    {
        bool vanished = false;
        if ((groups & (ResourceGroups.Memory | ResourceGroups.MemoryAlone)) != 0)
        {
            into.MemoryScope = ReadMemory(into, withSwap: (groups & ResourceGroups.Memory) != 0);
            vanished |= _chains.Memory.Vanished;
        }

        if ((groups & (ResourceGroups.MemoryEvents | ResourceGroups.Slabs)) != 0)
        {
            ReadOwnMemory(groups, into);
            vanished |= _chains.Memory.Vanished;
        }

        if ((groups & ResourceGroups.Hugetlb) != 0)
        {
            into.HugetlbScope = HugetlbLevels.Read(_chains.Hugetlb, into);
            vanished |= _chains.Hugetlb.Vanished;
        }

        if ((groups & ResourceGroups.CpuQuota) != 0)
        {
            into.CpuQuotaScope = CpuLevels.ReadQuota(_chains.Cpu, into);
            vanished |= _chains.Cpu.Vanished;
        }

        if ((groups & ResourceGroups.CpuUsage) != 0)
        {
            into.CpuUsageScope = ReadUsage(into);
            vanished |= _chains.CpuAcct.Vanished;
        }

        if ((groups & ResourceGroups.CpuSet) != 0)
        {
            into.CpuSetScope = CpuLevels.ReadSet(_chains.CpuSet, into);
            vanished |= _chains.CpuSet.Vanished;
        }

        if ((groups & ResourceGroups.BlockIo) != 0)
        {
            into.BlockIoScope = ReadBlockIo(into);
            vanished |= _chains.BlockIo.Vanished;
        }

        if ((groups & Pressures) != 0)
        {
            into.PressureScope = ReadPressure(ResourceOf(groups), into);
            vanished |= _chains.Pressure.Vanished;
        }

        return readWhatIsLeft || !vanished;
    }

    /// <summary>The container's own v2 cgroup, below the mount of its hierarchy; null: it has none, or that is the root.</summary>
    public string? UnifiedPath => _chains.Pressure.Scope == ControllerScope.Container ? Paths[Paths.Layout.Unified!] : null;

    /// <summary>
    /// Opens the file in which the container's own v2 cgroup tells a pressure, to read it and to write a trigger: a descriptor, which is
    /// the caller's to close, or -errno. -ENOENT: there is no such cgroup, or it does not tell.
    /// </summary>
    /// <param name="resource">Which.</param>
    /// <param name="identity">The cgroup's.</param>
    public int OpenPressure(PressureResource resource, out CgroupIdentity identity)
    {
        identity = default;
        if (_chains.Pressure.Scope != ControllerScope.Container)
        {
            return -(int)Errno.ENOENT;
        }

        int opened = _chains.Pressure.Readers[0].Open(resource);
        identity = _chains.PressureDirectory!.Identity() ?? default;
        return opened;
    }

    /// <summary>
    /// The processes (thread group ids in our pid namespace) of the container's cgroup and of all its descendants, ascending, each once.
    /// Taken from the first hierarchy in which the container is not in the root: v2, then memory, cpuacct, cpu, others.
    /// </summary>
    /// <param name="into">Gets the ids.</param>
    /// <param name="truncated">True when there were more than fit, or too many cgroups to look into them all.</param>
    /// <returns>How many ids were stored; 0 also when the container has no cgroup of its own.</returns>
    public int ListProcesses(Span<int> into, out bool truncated)
    {
        if (_chains.Processes is { } directory)
        {
            return ProcessList.Read(directory, into, out truncated);
        }

        truncated = false;
        return 0;
    }

    /// <summary>
    /// False when the cgroup behind <see cref="Identity"/> is gone, or another one has taken its path. Looks at the path, so it also notices
    /// what kept descriptors do not. Null identities never exist.
    /// </summary>
    public bool Exists() => Identity is not null && _chains.Identity?.CheckStillThere() == true;

    private ControllerScope ReadMemory(ContainerResources into, bool withSwap)
    {
        ControllerScope scope = _chains.Memory.Scope;
        if (scope == ControllerScope.Container && MemoryLevels.TryRead(_chains.Memory.Readers, withSwap, into))
        {
            return scope;
        }

        into.MemoryLevelList.Clear();
        into.SetMemory(default);
        return scope == ControllerScope.Container ? ControllerScope.Absent : scope;
    }

    /// <summary>Of the container's own level: what an ancestor counted is not the container's.</summary>
    private void ReadOwnMemory(ResourceGroups groups, ContainerResources into)
    {
        into.OwnMemoryScope = _chains.Memory.Scope;
        into.MemoryEventList.Clear();
        into.SlabLines.Clear();
        if (_chains.Memory.Scope != ControllerScope.Container)
        {
            return;
        }

        IMemoryReader own = _chains.Memory.Readers[0];
        if ((groups & ResourceGroups.MemoryEvents) != 0)
        {
            Span<long> counters = stackalloc long[MemoryEvents.Count];
            if (own.TryReadEvents(counters))
            {
                into.MemoryEventList.AddAll(counters);
            }
        }

        if ((groups & ResourceGroups.Slabs) != 0)
        {
            own.ReadSlabs(into.SlabLines);
        }
    }

    private ControllerScope ReadUsage(ContainerResources into)
    {
        ControllerScope scope = _chains.CpuAcct.Scope;
        into.PerCpuList.Clear();
        into.Usage = null;
        if (scope != ControllerScope.Container)
        {
            return scope;
        }

        if (!_chains.CpuAcct.Readers[0].TryReadUsage(out CpuUsage usage, into.PerCpuList))
        {
            return ControllerScope.Absent;
        }

        into.Usage = usage;
        return scope;
    }

    private static PressureResource ResourceOf(ResourceGroups groups) => (groups & Pressures) switch
    {
        ResourceGroups.PressureCpu => PressureResource.Cpu,
        ResourceGroups.PressureIo => PressureResource.Io,
        ResourceGroups.PressureMemory => PressureResource.Memory,
        ResourceGroups.PressureIrq => PressureResource.Irq,
        _ => throw new ArgumentException("one kind of pressure at a time", nameof(groups)),
    };

    private ControllerScope ReadPressure(PressureResource resource, ContainerResources into)
    {
        ControllerScope scope = _chains.Pressure.Scope;
        into.SetPressure(default);
        if (scope != ControllerScope.Container)
        {
            return scope;
        }

        if (!_chains.Pressure.Readers[0].TryRead(resource, out ReadOnlySpan<byte> text))
        {
            return ControllerScope.Absent;
        }

        into.SetPressure(text);
        return scope;
    }

    private ControllerScope ReadBlockIo(ContainerResources into)
    {
        ControllerScope scope = _chains.BlockIo.Scope;
        into.BlockIoList.Clear();
        return scope != ControllerScope.Container || _chains.BlockIo.Readers[0].TryRead(into.BlockIoList) ? scope : ControllerScope.Absent;
    }
}
