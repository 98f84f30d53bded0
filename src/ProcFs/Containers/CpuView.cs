using ProcFs.Cgroups;

namespace ProcFs.Containers;

/// <summary>
/// How many CPUs a container sees, which of the host's they are, and how much time they can give it: one numbering for
/// cpuinfo, stat, uptime and sysfs. Rules: docs/fields/README.md. Immutable; a new object only when something changed.
/// </summary>
internal sealed class CpuView
{
    private readonly (CpuSet? Effective, CpuQuota? Quota, CpuSet Online, CpuPolicy Policy) _madeFrom;

    private CpuView((CpuSet? Effective, CpuQuota? Quota, CpuSet Online, CpuPolicy Policy) madeFrom, CpuSet available, int count, int allowed)
    {
        _madeFrom = madeFrom;
        CpuQuota? quota = madeFrom.Quota;
        Available = available;
        Count = count;
        IsWholeHost = quota is null && allowed == madeFrom.Online.Count && count == madeFrom.Online.Count;
        int usable = Math.Min(count, allowed);
        (CapacityNumerator, CapacityDenominator) = quota is { } limit && limit.IsTighterThan(new CpuQuota(usable, 1))
            ? (limit.QuotaUsec, limit.PeriodUsec)
            : (usable, 1);
    }

    /// <summary>A: the host's numbers of the CPUs behind the visible ones: those the container may run on, online ones only, unless it is to see more.</summary>
    public CpuSet Available { get; }

    /// <summary>n: visible CPUs, 1 or more. Virtual number i is the i-th element of <see cref="Available"/>.</summary>
    public int Count { get; }

    /// <summary>The visible CPUs keep the host's numbers.</summary>
    public bool HasHostNumbers => _madeFrom.Policy.HostNumbers;

    /// <summary>C, the CPU seconds per second that the container can use, is numerator / denominator; never more than <see cref="Count"/>.</summary>
    public long CapacityNumerator { get; }

    /// <inheritdoc cref="CapacityNumerator"/>
    public long CapacityDenominator { get; }

    /// <summary>Neither a quota nor a cpuset takes anything of the host's CPUs away.</summary>
    public bool IsWholeHost { get; }

    /// <summary>The view that these limits give; <paramref name="last"/> itself when it was made from the same.</summary>
    /// <param name="effective">What the cpuset allows; null: everything.</param>
    /// <param name="quota">The tightest quota; null: none.</param>
    /// <param name="online">The host's online CPUs.</param>
    /// <param name="policy">What decides how many are visible. The capacity goes by the limits alone.</param>
    /// <param name="last">The container's last view; null: it had none.</param>
    public static CpuView Of(CpuSet? effective, CpuQuota? quota, CpuSet online, CpuPolicy policy, CpuView? last)
    {
        // By value: each worker has a set of its own for the same online CPUs, and in turns they would make one view after the other.
        if (last is not null && Equals(last._madeFrom.Effective, effective) && last._madeFrom.Online.Equals(online)
            && last._madeFrom.Quota == quota && last._madeFrom.Policy == policy)
        {
            return last;
        }

        CpuSet allowed = effective is null ? online : effective.Intersect(online);
        if (allowed.Count == 0)
        {
            allowed = online;
        }

        (CpuSet available, int count) = policy.Kind switch
        {
            CpuPolicyKind.All => (online, online.Count),
            CpuPolicyKind.Fixed when policy.Count > allowed.Count => (online, Math.Min(policy.Count, online.Count)),
            CpuPolicyKind.Fixed => (allowed, policy.Count),
            CpuPolicyKind.Quota when quota is { } limit => (allowed, (int)Math.Max(1, Math.Min(allowed.Count, limit.CeilingCpus))),
            _ => (allowed, allowed.Count),
        };
        return new CpuView((effective, quota, online, policy), available, count, allowed.Count);
    }

    /// <summary>The number that the i-th visible CPU has everywhere.</summary>
    public int NumberOf(int visible) => HasHostNumbers ? Available[visible] : visible;

    /// <summary>Above all numbers that visible CPUs have.</summary>
    public int NumberLimit => NumberOf(Count - 1) + 1;

    /// <summary>Which visible CPU has this number; -1: none.</summary>
    public int IndexOf(int number)
    {
        int index = HasHostNumbers ? Available.IndexOf(number) : number;
        return index >= 0 && index < Count ? index : -1;
    }
}
