using System.Runtime.InteropServices;

namespace ProcFs.Sampling;

/// <summary>
/// What a <see cref="CpuLedger"/> knows beside its values per CPU: with these, another ledger goes on as if it were the same one.
/// The names are the ledger's.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LedgerState
{
    public long AtNs;
    public long HasUsage;
    public long LastUserNs;
    public long LastSystemNs;
    public long LastNiceNs;
    public long CarriedUserNs;
    public long CarriedSystemNs;
    public long CarriedNiceNs;
    public long CapacityRemainder;
    public long CapacityNumerator;
    public long CapacityDenominator;

    /// <summary>Whether a ledger can have written this by <paramref name="nowNs"/>.</summary>
    public readonly bool IsSane(long nowNs)
        => AtNs >= 0 && AtNs <= nowNs && HasUsage is 0 or 1 && LastUserNs >= 0 && LastSystemNs >= 0 && LastNiceNs >= 0
            && CarriedUserNs >= 0 && CarriedSystemNs >= 0 && CarriedNiceNs >= 0
            && CapacityDenominator > 0 && CapacityNumerator >= 0 && CapacityNumerator / CapacityDenominator <= Cgroups.CpuSet.MaxCpu
            && CapacityRemainder >= 0 && CapacityRemainder < CapacityDenominator;
}
