namespace ProcFs.Keeping;

/// <summary>Time as everybody who keeps counts it.</summary>
internal static class KeepingClock
{
    /// <summary>Nanoseconds of a time provider's timestamp; the system's is CLOCK_MONOTONIC, as a journal's heartbeat is.</summary>
    public static long NowNs(this TimeProvider time) => (long)(time.GetTimestamp() * (1e9 / time.TimestampFrequency));

    public static long ToNs(this TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;

    public static TimeSpan FromNs(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
