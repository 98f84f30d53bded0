using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V1;

/// <summary>
/// The memory controller of v1: Documentation/admin-guide/cgroup-v1/memory.rst. Its memsw files limit and count memory and swap
/// together; only the <c>total_</c> counters include the descendants.
/// </summary>
internal sealed class MemoryV1(CgroupDirectory directory) : IMemoryReader
{
    private const int On = 1;
    private const int Off = 2;

    private static readonly KeyTable Keys = new(
        "total_cache", "total_rss", "total_rss_huge", "total_shmem", "total_mapped_file", "total_dirty", "total_writeback",
        "total_swapcached", "total_inactive_anon", "total_active_anon", "total_inactive_file", "total_active_file", "total_unevictable",
        "total_swap", "hierarchical_memory_limit", "hierarchical_memsw_limit");

    // What v1 calls pgpgin and pgpgout counts pages charged and given back, and is not what /proc/vmstat calls so.
    private static readonly KeyTable EventKeys = MemoryEvents.KeysWith("total_");

    private readonly CgroupFile _limit = directory.File("memory.limit_in_bytes");
    private readonly CgroupFile _usage = directory.File("memory.usage_in_bytes");
    private readonly CgroupFile _stat = directory.File("memory.stat");
    private readonly CgroupFile _oom = directory.File("memory.oom_control"); // since 4.13; of this level alone
    private readonly CgroupFile _slabs = directory.File("memory.kmem.slabinfo"); // empty since 5.9
    private readonly CgroupFile _kernelUsage = directory.File("memory.kmem.usage_in_bytes");
    private readonly CgroupFile _bothLimit = directory.File("memory.memsw.limit_in_bytes");
    private readonly CgroupFile _bothUsage = directory.File("memory.memsw.usage_in_bytes");
    private readonly CgroupFile _swappiness = directory.File("memory.swappiness");
    private readonly CgroupFile _useHierarchy = directory.File("memory.use_hierarchy");

    // 0: not asked yet. Cannot change while the cgroup has children, and it is asked only on behalf of one.
    private volatile int _useHierarchyIs;

    /// <summary>The file went away in some kernels and is constant since 5.11: always on.</summary>
    public bool CountsChildren
    {
        get
        {
            if (_useHierarchyIs == 0)
            {
                _useHierarchyIs = _useHierarchy.TryReadNumber(out long value) && value == 0 ? Off : On;
            }

            return _useHierarchyIs == On;
        }
    }

    public long? ReadLimit() => LimitV1.Read(_limit, out _);

    public long? ReadHigh() => null;

    public long? ReadSwapLimit(out bool accounted)
    {
        long? limit = LimitV1.Read(_bothLimit, out accounted);
        accounted = accounted || _bothUsage.TryReadNumber(out _);
        return limit;
    }

    public bool TryReadUsage(out MemoryReading reading)
    {
        reading = default;
        return _usage.TryReadNumber(out reading.UsageBytes) && TryReadStat(ref reading);
    }

    public SwapResources ReadSwap(long? swapLimit, long? memoryLimit, in MemoryReading reading)
    {
        long used = reading.SwapBytes
            ?? (_bothUsage.TryReadNumber(out long both) ? Saturating.Subtract(both, reading.UsageBytes) : 0);
        bool isOff = _swappiness.TryReadNumber(out long swappiness) && swappiness == 0;
        return new SwapResources(
            swapLimit is { } limit ? Math.Max(Saturating.Subtract(limit, memoryLimit ?? 0), used) : null, used, isOff);
    }

    public bool TryReadEvents(Span<long> counters) => MemoryEventFiles.TryRead(_stat, EventKeys, _oom, counters);

    /// <summary>The file has the headings of /proc/slabinfo.</summary>
    public void ReadSlabs(ReusedList<byte> lines)
    {
        if (_slabs.TryRead(out ReadOnlySpan<byte> text))
        {
            while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
            {
                if (!line.IsEmpty && line[0] != (byte)'#' && !line.StartsWith("slabinfo "u8))
                {
                    lines.AddAll(line);
                    lines.Add((byte)'\n');
                }
            }
        }
    }

    private bool TryReadStat(ref MemoryReading reading)
    {
        if (!_stat.TryRead(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        Span<long> values = stackalloc long[Keys.Count];
        if (!Keys.Parse(text, values, out int badLine))
        {
            _stat.Report(badLine, "not a number that fits 63 bits");
        }

        reading.Stat = StatOf(values, _kernelUsage.TryReadNumber(out long kernel) ? kernel : 0);
        reading.SwapBytes = values[13] < 0 ? null : values[13];
        reading.HierarchicalLimit = values[14] > 0 ? LimitText.FromV1(values[14]) : null;
        reading.HasSwapLimits = values[15] >= 0;
        reading.HierarchicalSwapLimit = LimitText.FromV1(values[15]);
        return true;
    }

    // The order of Keys. Missing: zero.
    private static MemoryStat StatOf(ReadOnlySpan<long> values, long kernel) => new()
    {
        Cache = Math.Max(0, values[0]),
        Anon = Math.Max(0, values[1]),
        AnonHuge = Math.Max(0, values[2]),
        Shmem = Math.Max(0, values[3]),
        Mapped = Math.Max(0, values[4]),
        Dirty = Math.Max(0, values[5]),
        Writeback = Math.Max(0, values[6]),
        SwapCached = Math.Max(0, values[7]),
        InactiveAnon = Math.Max(0, values[8]),
        ActiveAnon = Math.Max(0, values[9]),
        InactiveFile = Math.Max(0, values[10]),
        ActiveFile = Math.Max(0, values[11]),
        Unevictable = Math.Max(0, values[12]),
        SlabUnreclaimable = kernel,
    };
}
