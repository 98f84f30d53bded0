using System.Diagnostics;

namespace ProcFs.Tests.Support;

/// <summary>This program once more, as a daemon that writes what its successor needs, until it is killed.</summary>
internal static class KilledChild
{
    private const string Variable = "PROCFS_TESTS_KILLED_CHILD";
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(30);

    /// <summary>What a child does: gets the directory, and never returns.</summary>
    public delegate void Life(string directory);

    /// <summary>Does not return in a child.</summary>
    public static void LiveIfChild()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(' ', 2) is not [string what, string directory])
        {
            return;
        }

        // A child whose parent was killed must not live for ever.
        using Timer end = new(_ => Environment.Exit(1), null, LongestLife, Timeout.InfiniteTimeSpan);
        (what == "history" ? (Life)HistoryKillTests.Live : SnapshotKillTests.Live)(directory);
    }

    /// <summary>Starts a child and kills it some time after <paramref name="isAtWork"/> said so for the first time.</summary>
    public static void RunAndKill(string what, string directory, TimeSpan after, Func<bool> isAtWork)
    {
        using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
        {
            Environment = { [Variable] = what + " " + directory },
        })!;
        try
        {
            Stopwatch waited = Stopwatch.StartNew();
            while (!isAtWork())
            {
                Assert.False(child.HasExited, "the child has ended by itself");
                Assert.True(waited.Elapsed < LongestLife, "the child does not begin");
                Thread.Sleep(1);
            }

            long until = Stopwatch.GetTimestamp() + (long)(after.TotalSeconds * Stopwatch.Frequency);
            SpinWait.SpinUntil(() => Stopwatch.GetTimestamp() >= until);
        }
        finally
        {
            child.Kill();
            child.WaitForExit();
        }
    }
}
