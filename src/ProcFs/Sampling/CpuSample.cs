namespace ProcFs.Sampling;

/// <summary>A container's CPU usage at one moment, as its cgroup tells it.</summary>
internal readonly ref struct CpuSample
{
    public CpuSample()
    {
    }

    /// <summary>When: ns since boot.</summary>
    public required long NowNs { get; init; }

    /// <summary>When the container began: ns since boot; null when that is not known.</summary>
    public required long? StartNs { get; init; }

    /// <summary>Whether the cgroup told its usage; where it did not, the times are zero and mean nothing.</summary>
    public bool HasUsage { get; init; } = true;

    /// <summary>User time in ns, nice included.</summary>
    public required long UserNs { get; init; }

    /// <summary>System time in ns.</summary>
    public required long SystemNs { get; init; }

    /// <summary>The part of user time that ran niced, in ns; 0 where the kernel does not tell.</summary>
    public long NiceNs { get; init; }

    /// <summary>Usage in ns by the host's CPU number; empty when the kernel keeps no such numbers (cgroup v2).</summary>
    public ReadOnlySpan<long> PerCpuNs { get; init; }

    /// <summary>The visible CPUs and the capacity that counts now.</summary>
    public required Containers.CpuView Cpus { get; init; }
}
