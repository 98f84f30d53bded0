namespace ProcFs.Tests.Support;

/// <summary>Time since boot that stands still until it is moved, in ns.</summary>
internal sealed class TestClock : TimeProvider
{
    public const long Second = 1_000_000_000;

    public long NowNs { get; set; } = 1100 * Second;

    public override long TimestampFrequency => Second;

    public override long GetTimestamp() => NowNs;
}
