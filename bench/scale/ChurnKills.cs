namespace ProcFs.Bench;

/// <summary>Kills the server of a supervisor: now and then, and once in a minute five times in a row.</summary>
internal sealed class ChurnKills(SupervisedServer server)
{
    private const int InARow = 5;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan BetweenOfARow = TimeSpan.FromMilliseconds(150);

    private int _kills;

    /// <summary>What was counted since the last call, and begins anew.</summary>
    public int Take() => Interlocked.Exchange(ref _kills, 0);

    /// <summary>Goes on until it is told to stop.</summary>
    public void Run(CancellationToken stop)
    {
        for (int round = 0; !stop.WaitHandle.WaitOne(Between); round++)
        {
            for (int i = 0; i < (round % 8 == 3 ? InARow : 1); i++)
            {
                if (server.Serving is > 0 and int pid)
                {
                    _ = Interop.Libc.Kill(pid, Interop.Libc.SIGKILL);
                    Interlocked.Increment(ref _kills);
                }

                Thread.Sleep(BetweenOfARow);
            }
        }
    }
}
