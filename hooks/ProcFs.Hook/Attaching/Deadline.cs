using System.Diagnostics;

namespace ProcFs.Hook.Attaching;

/// <summary>A moment until which something may take.</summary>
internal readonly struct Deadline(TimeSpan within)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public TimeSpan Within { get; } = within;

    public bool HasPassed => RemainingMs == 0;

    /// <summary>What is left, in milliseconds for poll(2): 0 when it has passed, never less.</summary>
    public int RemainingMs => (int)Math.Clamp(Math.Ceiling((Within - Stopwatch.GetElapsedTime(_start)).TotalMilliseconds), 0, int.MaxValue);

    /// <summary>An earlier one: what comes after it has an eighth of the time that is left now.</summary>
    public Deadline ButForAnEighth() => new(TimeSpan.FromMilliseconds(RemainingMs - (RemainingMs / 8)));
}
