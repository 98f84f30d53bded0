using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V2;

/// <summary>The memory controller of v2: Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files".</summary>
internal sealed class MemoryV2(CgroupDirectory directory) : IMemoryReader
{
    private static readonly KeyTable Keys = new(
        "anon", "file", "kernel_stack", "pagetables", "sec_pagetables", "percpu", "vmalloc", "shmem", "zswap", "zswapped",
        "file_mapped", "file_dirty", "file_writeback", "swapcached", "anon_thp", "file_thp", "shmem_thp",
        "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", "slab_reclaimable", "slab_unreclaimable");

    // In memory.stat events are called as in /proc/vmstat.
    private static readonly KeyTable EventKeys = MemoryEvents.KeysWith("");

    private readonly CgroupFile _max = directory.File("memory.max");
    private readonly CgroupFile _high = directory.File("memory.high");
    private readonly CgroupFile _current = directory.File("memory.current");
    private readonly CgroupFile _stat = directory.File("memory.stat");
    private readonly CgroupFile _oom = directory.File("memory.events");
    private readonly CgroupFile _swapMax = directory.File("memory.swap.max");
    private readonly CgroupFile _swapCurrent = directory.File("memory.swap.current");

    public bool CountsChildren => true;

    public long? ReadLimit() => LimitV2.Read(_max, out _);

    public long? ReadHigh() => LimitV2.Read(_high, out _);

    public long? ReadSwapLimit(out bool accounted)
    {
        long? limit = LimitV2.Read(_swapMax, out accounted);
        accounted = accounted || _swapCurrent.TryReadNumber(out _);
        return limit;
    }

    public bool TryReadUsage(out MemoryReading reading)
    {
        reading = default;
        return _current.TryReadNumber(out reading.UsageBytes) && TryReadStat(out reading.Stat);
    }

    public SwapResources ReadSwap(long? swapLimit, long? memoryLimit, in MemoryReading reading)
        => new(swapLimit, _swapCurrent.TryReadNumber(out long used) ? used : 0);

    public bool TryReadEvents(Span<long> counters) => MemoryEventFiles.TryRead(_stat, EventKeys, _oom, counters);

    /// <summary>v2 has no file of them.</summary>
    public void ReadSlabs(ReusedList<byte> lines)
    {
    }

    private bool TryReadStat(out MemoryStat stat)
    {
        stat = default;
        if (!_stat.TryRead(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        Span<long> values = stackalloc long[Keys.Count];
        if (!Keys.Parse(text, values, out int badLine))
        {
            _stat.Report(badLine, "not a number that fits 63 bits");
        }

        stat = StatOf(values);
        return true;
    }

    // The order of Keys. Missing: zero.
    private static MemoryStat StatOf(ReadOnlySpan<long> values) => new()
    {
        Anon = Math.Max(0, values[0]),
        Cache = Math.Max(0, values[1]),
        KernelStack = Math.Max(0, values[2]),
        PageTables = Math.Max(0, values[3]),
        SecPageTables = Math.Max(0, values[4]),
        Percpu = Math.Max(0, values[5]),
        Vmalloc = Math.Max(0, values[6]),
        Shmem = Math.Max(0, values[7]),
        Zswap = Math.Max(0, values[8]),
        Zswapped = Math.Max(0, values[9]),
        Mapped = Math.Max(0, values[10]),
        Dirty = Math.Max(0, values[11]),
        Writeback = Math.Max(0, values[12]),
        SwapCached = Math.Max(0, values[13]),
        AnonHuge = Math.Max(0, values[14]),
        FileHuge = Math.Max(0, values[15]),
        ShmemHuge = Math.Max(0, values[16]),
        InactiveAnon = Math.Max(0, values[17]),
        ActiveAnon = Math.Max(0, values[18]),
        InactiveFile = Math.Max(0, values[19]),
        ActiveFile = Math.Max(0, values[20]),
        Unevictable = Math.Max(0, values[21]),
        SlabReclaimable = Math.Max(0, values[22]),
        SlabUnreclaimable = Math.Max(0, values[23]),
    };
}
