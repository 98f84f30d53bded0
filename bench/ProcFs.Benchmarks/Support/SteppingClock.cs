namespace ProcFs.Benchmarks.Support;

/// <summary>Time since boot that moves only when it is told to, in ns.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private const long Second = 1_000_000_000;
    private long _nowNs = 1100 * Second;

    public override long TimestampFrequency => Second;

    public override long GetTimestamp() => _nowNs;

    /// <summary>Further than anything is shared or remembered between two reads: what comes next is made anew.</summary>
    public void NextSecond() => _nowNs += Second;
}
