using System.Diagnostics;

namespace ProcFs.Bench;

/// <summary>Waiting for what happens in other processes.</summary>
internal static class Wait
{
    /// <summary>False when it has not come true in time.</summary>
    public static bool Until(TimeSpan limit, Func<bool> condition)
    {
        Stopwatch since = Stopwatch.StartNew();
        while (!condition())
        {
            if (since.Elapsed > limit)
            {
                return false;
            }

            Thread.Sleep(10);
        }

        return true;
    }
}
