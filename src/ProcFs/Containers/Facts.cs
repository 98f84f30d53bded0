namespace ProcFs.Containers;

/// <summary>What a served file needs to know of a container. Each costs system calls, so each file says what it shows.</summary>
[Flags]
internal enum Facts
{
    None = 0,

    /// <summary>Memory, swap and huge pages.</summary>
    Memory = 1,

    /// <summary>How many CPUs, and which.</summary>
    Cpus = 2,

    /// <summary>CPU time used and idle, per visible CPU.</summary>
    CpuTimes = 4,

    /// <summary>Threads by state, and the highest pid.</summary>
    Threads = 8,

    /// <summary>Block device counters.</summary>
    BlockIo = 16,

    /// <summary>Counters of faults, reclaim and swap, which never fall; memory and block devices are to be asked for as well.</summary>
    Paging = 256,

    /// <summary>Slab caches.</summary>
    Slabs = 512,

    /// <summary>Load averages, from <see cref="Threads"/>, which are to be asked for as well.</summary>
    Load = 32,

    /// <summary>Pressure on the CPUs. No file needs more than one kind of pressure.</summary>
    PressureCpu = 0x1_0000,

    /// <summary>Pressure on block devices.</summary>
    PressureIo = 0x2_0000,

    /// <summary>Pressure on memory.</summary>
    PressureMemory = 0x4_0000,

    /// <summary>Pressure by interrupts.</summary>
    PressureIrq = 0x8_0000,
}
