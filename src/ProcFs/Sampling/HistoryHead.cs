using System.Runtime.InteropServices;

namespace ProcFs.Sampling;

/// <summary>
/// The beginning of a copy of a record. Behind it are 64-bit numbers: user, nice, system and idle time of each CPU, all of a kind
/// together, then the last usage of each of the host's CPUs.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HistoryHead
{
    /// <summary>The copy with the higher one counts. 0: nothing is there, or it is being written.</summary>
    public ulong Sequence;

    /// <summary>Of everything behind it, with the sequence as seed.</summary>
    public ulong Checksum;

    public HistoryKey Key;

    /// <summary>When a daemon first asked for it, or asked again: ns since boot.</summary>
    public long ClaimedNs;

    /// <summary>The container's start in ns since boot; <see cref="NoStart"/> when it could not be told.</summary>
    public long StartNs;

    public int HighestPid;

    /// <summary>CPUs with accumulators; 0: there is no ledger yet.</summary>
    public int Cpus;

    /// <summary>How many of the host's CPUs have a last usage.</summary>
    public int HostCpus;

    public int Reserved;

    public LedgerState Ledger;

    /// <summary>Last, since a record of layout version 1 has none.</summary>
    public LoadState Load;

    public const long NoStart = long.MinValue;

    public readonly int Numbers => (4 * Cpus) + HostCpus;
}
