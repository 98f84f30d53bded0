using System.Diagnostics;

namespace ProcFs.Fuse;

// What the workers are doing, for whoever watches over them.
public sealed partial class Connection
{
    /// <summary>How long the oldest request that is now in a worker's hands has been there; zero when all wait for one.</summary>
    public TimeSpan LongestRequest
    {
        get
        {
            long oldest = long.MaxValue;
            foreach (WorkerCounters counters in _counters)
            {
                oldest = counters.BusySince is not 0 and long since ? Math.Min(oldest, since) : oldest;
            }

            return oldest == long.MaxValue ? TimeSpan.Zero : Since(oldest);
        }
    }

    /// <summary>
    /// For how long no worker has had a request; zero when one has now, and before the start. Idle workers while
    /// <see cref="FuseControl.Waiting(uint)"/> counts requests mean that one was lost: see <see cref="Resend"/>.
    /// </summary>
    public TimeSpan IdleFor
    {
        get
        {
            long latest = Volatile.Read(ref _startedTicks);
            if (latest == 0)
            {
                return TimeSpan.Zero;
            }

            foreach (WorkerCounters counters in _counters)
            {
                if (counters.BusySince != 0)
                {
                    return TimeSpan.Zero;
                }

                latest = Math.Max(latest, counters.LastEnd);
            }

            return Since(latest);
        }
    }

    /// <summary>Calls a worker that stands by, should none wait for requests: after work that was not announced and takes very long.</summary>
    public void CallStandby() => _gate?.CallIfNobodyWaits();

    private static TimeSpan Since(long timestamp) => TimeSpan.FromTicks(Math.Max(Stopwatch.GetElapsedTime(timestamp).Ticks, 0));
}
