namespace ProcFs.Cgroups;

/// <summary>
/// What the kernel says of one container, whatever the cgroup versions: filled in place by <see cref="ContainerCgroups.TryRead"/>,
/// reused by one thread. Only the groups last asked for are valid, and each group's values only when its scope is
/// <see cref="ControllerScope.Container"/>. Spans are valid until the next read.
/// </summary>
public sealed class ContainerResources
{
    private MemoryResources _memory;
    private byte[] _pressure = [];
    private int _pressureLength;

    /// <summary>Whose <see cref="Memory"/> it is.</summary>
    public ControllerScope MemoryScope { get; internal set; }

    /// <summary>Memory and swap, limits taken over all levels.</summary>
    public ref readonly MemoryResources Memory => ref _memory;

    /// <summary>The levels with a limit, the container's first, to compute what is left in each.</summary>
    public ReadOnlySpan<MemoryLevel> MemoryLevels => MemoryLevelList.Items;

    /// <summary>
    /// The container's own counters, by the numbers of <see cref="ProcFs.Cgroups.MemoryEvents"/>; −1: not known. Empty where it has none of its own.
    /// </summary>
    public ReadOnlySpan<long> MemoryEvents => MemoryEventList.Items;

    /// <summary>The lines of the container's own slab caches, as /proc/slabinfo has them; empty where the kernel does not tell.</summary>
    public ReadOnlySpan<byte> Slabs => SlabLines.Items;

    /// <summary>Whose <see cref="MemoryEvents"/> and <see cref="Slabs"/> they are.</summary>
    public ControllerScope OwnMemoryScope { get; internal set; }

    /// <summary>Whose <see cref="Hugetlb"/> it is.</summary>
    public ControllerScope HugetlbScope { get; internal set; }

    /// <summary>One element for each size of huge pages, ascending.</summary>
    public ReadOnlySpan<HugetlbResources> Hugetlb => HugetlbList.Items;

    /// <summary>Whose <see cref="Quota"/> it is.</summary>
    public ControllerScope CpuQuotaScope { get; internal set; }

    /// <summary>The tightest quota up the tree; null: no limit.</summary>
    public CpuQuota? Quota { get; internal set; }

    /// <summary>Whose <see cref="Usage"/> it is.</summary>
    public ControllerScope CpuUsageScope { get; internal set; }

    /// <summary>CPU time used by the container's own cgroup; null unless the scope is the container.</summary>
    public CpuUsage? Usage { get; internal set; }

    /// <summary>Nanoseconds used on each possible CPU of the host (v1 cpuacct); empty where the kernel does not say (v2).</summary>
    public ReadOnlySpan<long> PerCpuNs => PerCpuList.Items;

    /// <summary>Whose <see cref="EffectiveCpus"/> it is.</summary>
    public ControllerScope CpuSetScope { get; internal set; }

    /// <summary>The CPUs granted by the nearest level that says so; null: none does. The same object while the kernel's text is the same.</summary>
    public CpuSet? EffectiveCpus { get; internal set; }

    /// <summary>Whose <see cref="BlockIo"/> it is.</summary>
    public ControllerScope BlockIoScope { get; internal set; }

    /// <summary>One element for each device that the container's own cgroup used, in the kernel's order.</summary>
    public ReadOnlySpan<BlockIoDevice> BlockIo => BlockIoList.Items;

    /// <summary>Whose <see cref="Pressure"/> it is.</summary>
    public ControllerScope PressureScope { get; internal set; }

    /// <summary>The kernel's text of the one kind of pressure that was asked for.</summary>
    public ReadOnlySpan<byte> Pressure => _pressure.AsSpan(0, _pressureLength);

    internal ReusedList<long> MemoryEventList { get; } = new();

    internal ReusedList<byte> SlabLines { get; } = new();

    internal ReusedList<MemoryLevel> MemoryLevelList { get; } = new();

    internal ReusedList<HugetlbResources> HugetlbList { get; } = new();

    internal ReusedList<long> PerCpuList { get; } = new();

    internal ReusedList<BlockIoDevice> BlockIoList { get; } = new();

    /// <summary>Scratch of the memory reader: each level's own limit, zero where it has none.</summary>
    internal ReusedList<long> LimitScratch { get; } = new();

    internal void SetPressure(ReadOnlySpan<byte> text)
    {
        if (_pressure.Length < text.Length)
        {
            _pressure = new byte[Math.Max(256, text.Length)];
        }

        text.CopyTo(_pressure);
        _pressureLength = text.Length;
    }

    internal void SetMemory(in MemoryResources memory) => _memory = memory;
}
