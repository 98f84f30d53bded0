namespace ProcFs.Sampling;

/// <summary>Arithmetic on numbers that are not negative and never become so.</summary>
internal static class Saturated
{
    /// <summary>a + b, at most <see cref="long.MaxValue"/>.</summary>
    public static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>floor(value · part / whole); zero when whole is zero.</summary>
    public static long Scale(long value, long part, long whole)
        => whole <= 0 ? 0 : (long)Int128.Min((Int128)value * part / whole, long.MaxValue);
}
