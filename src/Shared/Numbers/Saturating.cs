namespace ProcFs.Numbers;

/// <summary>Arithmetic on counters, which are zero or more and read at slightly different moments: never negative, never wrapped.</summary>
internal static class Saturating
{
    /// <summary>a + b, at most <see cref="long.MaxValue"/>.</summary>
    public static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>Zero where <paramref name="b"/> is larger.</summary>
    public static long Subtract(long a, long b) => a > b ? a - b : 0;

    /// <summary>floor(value · part / whole); zero when whole is zero.</summary>
    public static long Scale(long value, long part, long whole)
    {
        if (whole <= 0)
        {
            return 0;
        }

        // Nearly always the product fits, and a division of 128 bits costs ten times as much.
        return Math.BigMul(value, part, out long low) == 0 && low >= 0
            ? low / whole
            : (long)Int128.Min((Int128)value * part / whole, long.MaxValue);
    }

    /// <summary>The smaller one; null is "no limit".</summary>
    public static long? Tighter(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
