namespace ProcFs.Cgroups;

/// <summary>
/// The counters of a cgroup and all its descendants, in bytes, zero where the kernel or the version has no such counter.
/// Sources: memory.stat in Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
/// </summary>
public readonly record struct MemoryStat
{
    /// <summary>Page cache, tmpfs and shared memory included.</summary>
    public long Cache { get; init; }

    /// <summary>Anonymous memory, huge pages included, shared memory not.</summary>
    public long Anon { get; init; }

    /// <summary>Swap-backed cache: tmpfs, shared memory.</summary>
    public long Shmem { get; init; }

    /// <summary>Cache that is mapped.</summary>
    public long Mapped { get; init; }

    /// <summary>Cache waiting to be written.</summary>
    public long Dirty { get; init; }

    /// <summary>Cache being written.</summary>
    public long Writeback { get; init; }

    /// <summary>Swap that is also in memory.</summary>
    public long SwapCached { get; init; }

    /// <summary>Recently used anonymous memory, tmpfs included.</summary>
    public long ActiveAnon { get; init; }

    /// <summary>Anonymous memory next to be reclaimed.</summary>
    public long InactiveAnon { get; init; }

    /// <summary>Recently used page cache.</summary>
    public long ActiveFile { get; init; }

    /// <summary>Page cache next to be reclaimed.</summary>
    public long InactiveFile { get; init; }

    /// <summary>Memory that cannot be reclaimed, e.g. locked.</summary>
    public long Unevictable { get; init; }

    /// <summary>Slab that can be reclaimed. Not known on v1.</summary>
    public long SlabReclaimable { get; init; }

    /// <summary>Slab that cannot be reclaimed; on v1 all kernel memory, which is not split there.</summary>
    public long SlabUnreclaimable { get; init; }

    /// <summary>Kernel stacks. Not known on v1.</summary>
    public long KernelStack { get; init; }

    /// <summary>Page tables. Not known on v1.</summary>
    public long PageTables { get; init; }

    /// <summary>Page tables of the second level (virtual machines). Not known on v1.</summary>
    public long SecPageTables { get; init; }

    /// <summary>Per-CPU kernel data. Not known on v1.</summary>
    public long Percpu { get; init; }

    /// <summary>Memory of vmalloc. Not known on v1.</summary>
    public long Vmalloc { get; init; }

    /// <summary>Anonymous memory in huge pages.</summary>
    public long AnonHuge { get; init; }

    /// <summary>Shared memory in huge pages. Not known on v1.</summary>
    public long ShmemHuge { get; init; }

    /// <summary>File cache in huge pages. Not known on v1.</summary>
    public long FileHuge { get; init; }

    /// <summary>Memory that zswap takes (compressed). Not known on v1.</summary>
    public long Zswap { get; init; }

    /// <summary>What zswap holds (uncompressed). Not known on v1.</summary>
    public long Zswapped { get; init; }

    /// <summary>What the kernel can give back under pressure: both file lists and reclaimable slab.</summary>
    public long Reclaimable => Saturating.Add(Saturating.Add(ActiveFile, InactiveFile), SlabReclaimable);
}
