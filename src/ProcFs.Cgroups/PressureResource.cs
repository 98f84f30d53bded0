namespace ProcFs.Cgroups;

/// <summary>What pressure stall information (psi) is told for. Only v2 cgroups have any.</summary>
public enum PressureResource
{
    /// <summary>Waiting for a CPU.</summary>
    Cpu,

    /// <summary>Waiting for block devices.</summary>
    Io,

    /// <summary>Waiting for memory.</summary>
    Memory,

    /// <summary>Time that interrupts took. Since Linux 6.1, where the kernel accounts for it.</summary>
    Irq,
}
