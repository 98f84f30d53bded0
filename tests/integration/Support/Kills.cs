using System.Diagnostics;

namespace ProcFs.Integration.Tests.Support;

/// <summary>kill -9 of servers, again and again.</summary>
internal static class Kills
{
    /// <summary>Is this the long run (<c>./build.sh kill-soak</c>), not the one of every day?</summary>
    public static bool IsSoak { get; } = Environment.GetEnvironmentVariable("PROCFS_SOAK") is { Length: > 0 };

    public static int Count(int usual, int soak) => IsSoak ? soak : Pace.Count(usual);

    /// <summary>Kills the server of a supervisor at random moments, up to 300 ms after it began to serve, every fifth in its first milliseconds.</summary>
    public static void OfSupervised(Daemon supervise, int count)
    {
        int last = 0;
        for (int i = 0; i < count; i++)
        {
            int lives = supervise.Lives;
            last = NextServer(supervise, last);
            if (i % 5 == 4)
            {
                Thread.Sleep(Random.Shared.Next(10));
            }
            else
            {
                // One that has already said so says it once only.
                Pace.Until(2, () => supervise.Lives > lives);
                Thread.Sleep(Random.Shared.Next((int)Pace.Limit(0.3).TotalMilliseconds));
            }

            Processes.Kill(last);
        }

        _ = NextServer(supervise, last);
    }

    /// <summary>Waits for a server that is not the last one.</summary>
    private static int NextServer(Daemon supervise, int last)
    {
        int server = 0;
        Stopwatch since = Stopwatch.StartNew();
        while ((server = Processes.ChildrenOf(supervise.Pid).FirstOrDefault(pid => pid != last)) == 0)
        {
            Assert.True(since.Elapsed < Pace.Limit(30), $"no new server after {last}:\n{supervise.Log}");
            Thread.Sleep(1);
        }

        return server;
    }
}
