using System.Diagnostics;
using ProcFs.Serving;

namespace ProcFs.Metrics;

/// <summary>Whether a mount is served, found out without asking whoever serves it.</summary>
/// <param name="Pid">The daemon; 0: there is none.</param>
/// <param name="Silence">How long ago it said that it is well, or the last one did where there is none; null: it never did.</param>
/// <param name="Use">What it uses; null: that cannot be told.</param>
internal readonly record struct DaemonState(int Pid, TimeSpan? Silence, ProcessUse? Use)
{
    /// <summary>After that a daemon counts as one that hangs: as long as the keeper waits before it ends it.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    public bool IsServed => Pid > 0;

    /// <summary>It is there and does not say any more that it is well.</summary>
    public bool Hangs => IsServed && Silence is { } silence && silence > LongestSilence;

    /// <summary>Looked at from outside. Never to be called by the daemon itself: to look at its lock is to lose it.</summary>
    /// <param name="runDirectory">Of the daemon.</param>
    /// <param name="mount">Its public mount point.</param>
    /// <param name="procRoot">The host's procfs.</param>
    /// <param name="counts">What it has counted; null: nothing.</param>
    public static DaemonState Look(string runDirectory, string mount, string procRoot, StatsSnapshot? counts)
    {
        int pid = ServerLock.Holder(runDirectory, mount);
        return Of(pid, counts, pid > 0 ? ProcessUse.Read(procRoot, pid) : null);
    }

    /// <summary>Of the process that asks.</summary>
    public static DaemonState OfThis(string procRoot, StatsSnapshot counts) => Of(Environment.ProcessId, counts, ProcessUse.Read(procRoot, Environment.ProcessId));

    /// <summary>What the counters say, where they are this daemon's: one that is about to begin has not been silent as long as the one before it.</summary>
    internal static DaemonState Of(int pid, StatsSnapshot? counts, ProcessUse? use)
        => new(pid, counts is { Header.HeartbeatNs: > 0 and long last } && (pid == 0 || counts.Header.Pid == pid) ? TimeSpan.FromTicks(Math.Max(Stopwatch.GetTimestamp() - last, 0) / TimeSpan.NanosecondsPerTick) : null, use);
}
