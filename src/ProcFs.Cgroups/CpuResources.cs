namespace ProcFs.Cgroups;

/// <summary>CPU bandwidth: so much time per period, both in microseconds and above zero. Kept as a fraction: 1.5 CPUs is 150000/100000.</summary>
/// <param name="QuotaUsec">CPU time per period.</param>
/// <param name="PeriodUsec">The period.</param>
public readonly record struct CpuQuota(long QuotaUsec, long PeriodUsec)
{
    /// <summary>The number of CPUs, rounded up: what a program that counts CPUs should see at most.</summary>
    public long CeilingCpus => (QuotaUsec / PeriodUsec) + (QuotaUsec % PeriodUsec == 0 ? 0 : 1);

    /// <summary>True when this allows less CPU than <paramref name="other"/>. Exact: the fractions are compared crosswise.</summary>
    public bool IsTighterThan(CpuQuota other)
        => (UInt128)QuotaUsec * (UInt128)other.PeriodUsec < (UInt128)other.QuotaUsec * (UInt128)PeriodUsec;
}

/// <summary>CPU time of a cgroup and all its descendants since it was made, in nanoseconds.</summary>
/// <param name="TotalNs">All of it, precise.</param>
/// <param name="UserNs">In user mode; v1 divides the total in proportion to its tick counters.</param>
/// <param name="SystemNs">In the kernel.</param>
/// <param name="NiceNs">The part of <paramref name="UserNs"/> at low priority; null where the kernel does not count it (v1, older v2).</param>
public readonly record struct CpuUsage(long TotalNs, long UserNs, long SystemNs, long? NiceNs);
