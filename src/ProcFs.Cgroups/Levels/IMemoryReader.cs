namespace ProcFs.Cgroups;

/// <summary>The memory controller in one cgroup directory. What several levels mean together is in <see cref="MemoryLevels"/>.</summary>
internal interface IMemoryReader
{
    /// <summary>
    /// False where children are not counted here and this limit does not hold for them (v1 with use_hierarchy off): the walk upwards
    /// ends below such a level.
    /// </summary>
    bool CountsChildren { get; }

    /// <summary>This level's own hard limit in bytes; null: none.</summary>
    long? ReadLimit();

    /// <summary>This level's own throttling mark in bytes; null: none, or not known to this version.</summary>
    long? ReadHigh();

    /// <summary>
    /// This level's own swap limit in this version's sense (v1: of memory and swap together); null: none.
    /// <paramref name="accounted"/> is false where swap is not accounted here.
    /// </summary>
    long? ReadSwapLimit(out bool accounted);

    /// <summary>Usage and counters; false where the level lacks one of them, so that it cannot be the accounting level.</summary>
    bool TryReadUsage(out MemoryReading reading);

    /// <summary>Reads the counters of <see cref="MemoryEvents"/>, −1 for one that is not known here; false where none is.</summary>
    bool TryReadEvents(Span<long> counters);

    /// <summary>Adds the lines of the slab caches of this level, without headings; nothing where the kernel does not tell.</summary>
    void ReadSlabs(ReusedList<byte> lines);

    /// <summary>
    /// Swap alone at the accounting level, from the tightest limits up the tree (<paramref name="swapLimit"/> in this version's sense) and
    /// the reading just taken.
    /// </summary>
    SwapResources ReadSwap(long? swapLimit, long? memoryLimit, in MemoryReading reading);
}

/// <summary>Usage and counters of one level, and what v1 tells in the same text.</summary>
internal struct MemoryReading
{
    public long UsageBytes;
    public MemoryStat Stat;

    /// <summary>v1: the tightest limit of this level and all above; null: not known, or none.</summary>
    public long? HierarchicalLimit;

    /// <summary>v1: the same for memory and swap together.</summary>
    public long? HierarchicalSwapLimit;

    /// <summary>v1: what limits swap on all levels is in <see cref="HierarchicalSwapLimit"/>; null there means nothing does.</summary>
    public bool HasSwapLimits;

    /// <summary>v1: swap in use by this level and all below; null: not known.</summary>
    public long? SwapBytes;
}
