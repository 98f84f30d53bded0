using System.Runtime.InteropServices;

namespace ProcFs.Sampling;

/// <summary>What is kept of a container's load averages. All zeros: no sample was ever taken.</summary>
/// <param name="Average">After the last step.</param>
/// <param name="AtNs">When that was due, in ns since boot.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LoadState(LoadAverage Average, long AtNs)
{
    /// <summary>Whether a daemon can have written this by <paramref name="nowNs"/>.</summary>
    public bool IsSane(long nowNs) => Average.IsSane && AtNs >= 0 && AtNs <= nowNs;
}
