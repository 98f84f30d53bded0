using ProcFs.Metrics;

namespace ProcFs.Doctor.Checks;

/// <summary>The daemon's signs of life, and what it has counted that should not happen. Read from its counters: it is not asked.</summary>
internal sealed class HeartbeatCheck : ICheck
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(10);

    public string Id => "daemon.heartbeat";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        DoctorPlaces places = host.Places;
        if (!daemon.IsRunning)
        {
            yield return Finding.Ok("no daemon runs");
            yield break;
        }

        if (!StatsReader.TryRead(places.RunDirectory, places.Mount, out StatsSnapshot counts, out string? defect, places.Roots.Proc))
        {
            yield return defect is null ? Finding.Ok("the daemon has not begun to count") : Finding.Note(defect);
            yield break;
        }

        if (counts.Header.Pid != daemon.Pid)
        {
            yield return Finding.Ok("the daemon has not begun to count: what is there is of the one before it");
            yield break;
        }

        DaemonState state = DaemonState.Look(places.RunDirectory, places.Mount, places.Roots.Proc, counts);
        TimeSpan longest = TimeSpan.FromTicks(counts.Header.LongestRequestNs / TimeSpan.NanosecondsPerTick);
        bool isFine = true;
        if (state.Hangs && !daemon.IsStopped(daemon.Pid))
        {
            isFine = false;
            yield return Finding.Bad(
                $"the daemon, process {daemon.Pid}, has not said for {state.Silence!.Value.TotalSeconds:0} s that it is well: it hangs",
                Mend.Run(host.Own.Kill(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0)));
        }
        else if (longest > LongestRequest)
        {
            isFine = false;
            yield return Finding.Warning($"a request has been in the daemon's hands for {longest.TotalSeconds:0} s", Mend.Run(host.Own.Restart(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0)));
        }

        if (counts.Of(StatsEvent.CallerInvisible) is > 0 and long invisible)
        {
            isFine = false;
            yield return Finding.Note($"{invisible} reads since boot came from processes that the daemon cannot see from its pid namespace: they got views without limits");
        }

        if (counts.Of(StatsEvent.Poisoned) is > 0 and long poisoned)
        {
            isFine = false;
            yield return Finding.Note($"{poisoned} requests since boot were given up, as no daemon survived them: the log says for which files");
        }

        if (isFine)
        {
            yield return Finding.Ok(state.Silence is { } silence ? $"the daemon said {silence.TotalSeconds:0} s ago that it is well" : "the daemon is about to say that it is well");
        }
    }
}
