using System.Runtime.InteropServices;

namespace ProcFs.Sampling;

/// <summary>
/// Load averages as the kernel keeps them: over 1, 5 and 15 minutes, in fixed point with 11 bits of fraction, one step each 5 s
/// (docs/fields/loadavg.md).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LoadAverage(long One, long Five, long Fifteen)
{
    /// <summary>Between two steps, in ns.</summary>
    public const long IntervalNs = 5_000_000_000;

    /// <summary>1.0.</summary>
    public const long Unit = 1 << FractionBits;

    public const int FractionBits = 11;

    // What is left of a load after one step: 1/exp(5 s/1 min), 1/exp(5 s/5 min), 1/exp(5 s/15 min).
    private const long LeftOfOne = 1884;
    private const long LeftOfFive = 2014;
    private const long LeftOfFifteen = 2037;

    /// <summary>Loads that no number of threads can make.</summary>
    private const long Most = (long)int.MaxValue * Unit;

    /// <summary>Whether steps can have made this.</summary>
    public bool IsSane => IsLoad(One) && IsLoad(Five) && IsLoad(Fifteen);

    /// <summary>The averages after one more step.</summary>
    /// <param name="active">Threads that run, want to run, or wait without being interruptible.</param>
    public LoadAverage Next(int active) => new(Next(One, LeftOfOne, active), Next(Five, LeftOfFive, active), Next(Fifteen, LeftOfFifteen, active));

    // A rising load is rounded up and a falling one down, so that it comes to rest at a whole number.
    private static long Next(long load, long left, int active)
    {
        long target = active * Unit;
        long sum = (load * left) + (target * (Unit - left));
        return (target >= load ? sum + Unit - 1 : sum) / Unit;
    }

    private static bool IsLoad(long load) => load is >= 0 and <= Most;
}
