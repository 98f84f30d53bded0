using System.Diagnostics;
using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>How much a test does and how long it may take. PROCFS_TEST_SPEED=0.25, for an emulated machine: a quarter of the work, four times the time.</summary>
internal static class Pace
{
    private static readonly double Speed = double.Parse(
        Environment.GetEnvironmentVariable("PROCFS_TEST_SPEED") is { Length: > 0 } text ? text : "1", CultureInfo.InvariantCulture);

    private const int MostInAll = 3;

    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(500);

    /// <summary>A time limit.</summary>
    public static TimeSpan Limit(double seconds) => TimeSpan.FromSeconds(seconds / Speed);

    /// <summary>A number of repetitions.</summary>
    public static int Count(int count) => Math.Max(1, (int)(count * Speed));

    /// <summary>Waits until something holds, a few seconds at the most; while the machine stands still they do not count.</summary>
    public static bool Until(double seconds, Func<bool> holds)
    {
        // Not the wall clock: there are tests that set it. Whoever is waited for stands still, too, and a look may take long by itself.
        Stopwatch all = Stopwatch.StartNew();
        TimeSpan spent = TimeSpan.Zero;
        while (spent <= Limit(seconds) && all.Elapsed <= MostInAll * Limit(seconds))
        {
            long start = Stopwatch.GetTimestamp();
            if (holds())
            {
                return true;
            }

            Thread.Sleep(20);
            TimeSpan turn = Stopwatch.GetElapsedTime(start);
            spent += turn < LongestTurn ? turn : LongestTurn;
        }

        return holds();
    }
}
