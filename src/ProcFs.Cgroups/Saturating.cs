namespace ProcFs.Cgroups;

/// <summary>Sums and differences of counters: never negative, never wrapped. Counters are read at slightly different moments.</summary>
internal static class Saturating
{
    /// <summary>Both are zero or more.</summary>
    public static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>Zero where <paramref name="b"/> is larger. Both are zero or more.</summary>
    public static long Subtract(long a, long b) => a > b ? a - b : 0;

    /// <summary>The smaller one; null is "no limit".</summary>
    public static long? Tighter(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
