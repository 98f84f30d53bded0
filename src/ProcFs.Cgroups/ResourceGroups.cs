namespace ProcFs.Cgroups;

/// <summary>What to read: each group costs system calls, so a reader asks for what its file shows.</summary>
[Flags]
public enum ResourceGroups
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Memory and swap.</summary>
    Memory = 1,

    /// <summary>Huge pages.</summary>
    Hugetlb = 2,

    /// <summary>The CPU bandwidth limit.</summary>
    CpuQuota = 4,

    /// <summary>CPU time used.</summary>
    CpuUsage = 8,

    /// <summary>The CPUs that may be used.</summary>
    CpuSet = 16,

    /// <summary>Block device counters.</summary>
    BlockIo = 32,

    /// <summary>Memory; of swap only what is told in the same files. For hosts that have none.</summary>
    MemoryAlone = 64,

    /// <summary>Pressure on the CPUs. Of the four kinds of pressure at most one is asked for at a time.</summary>
    PressureCpu = 0x1_0000,

    /// <summary>Pressure on block devices.</summary>
    PressureIo = 0x2_0000,

    /// <summary>Pressure on memory.</summary>
    PressureMemory = 0x4_0000,

    /// <summary>Pressure by interrupts.</summary>
    PressureIrq = 0x8_0000,

    /// <summary>Counters of faults, reclaim and swap.</summary>
    MemoryEvents = 256,

    /// <summary>Slab caches.</summary>
    Slabs = 512,

    /// <summary>Everything but pressure.</summary>
    All = Memory | Hugetlb | CpuQuota | CpuUsage | CpuSet | BlockIo | MemoryEvents | Slabs,
}
