namespace ProcFs.Doctor.Checks;

/// <summary>Whether somebody keeps the mount when the daemon ends.</summary>
internal sealed class KeeperCheck : ICheck
{
    public string Id => "keeper";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        if (daemon.IsStarting)
        {
            yield return Finding.Note("the daemon is just starting");
        }
        else if (daemon.KeeperPid == 0)
        {
            yield return !daemon.IsRunning ? Finding.Ok("neither daemon nor keeper runs")
                : Finding.Warning("nobody keeps the daemon's descriptors: when it ends or crashes, reads fail and the files leave the containers until the next one has started", Mend.Run(host.Own.Keep()));
        }
        else if (daemon.IsStopped(daemon.KeeperPid))
        {
            yield return Finding.Warning($"the keeper, process {daemon.KeeperPid}, was stopped by a signal (SIGSTOP): it keeps what it has, and lets no reader go", Mend.Run($"kill -CONT {daemon.KeeperPid}"));
        }
        else if (daemon.KeeperAnswer is not { IsDone: true } answer)
        {
            yield return Finding.Warning(
                $"the keeper, process {daemon.KeeperPid}, does not answer: {daemon.KeeperAnswer?.Text}",
                Mend.Run(host.Systemd.HasUnitFor(host.Places.RunDirectory) ? "systemctl kill -s KILL procfs-keeper" : $"kill -KILL {daemon.KeeperPid}; {(daemon.IsSupervised ? host.Own.Start() : host.Own.Keep())}"));
        }
        else
        {
            yield return !daemon.IsRunning || daemon.IsKept
                ? Finding.Ok($"process {daemon.KeeperPid} keeps {(answer.Text.Length == 0 ? "nothing yet" : "the mount when the daemon ends")}")
                : Finding.Warning($"the keeper, process {daemon.KeeperPid}, has no descriptors of the daemon, process {daemon.Pid}", Mend.Run($"kill {daemon.KeeperPid}; {host.Own.Keep()}"));
        }
    }
}
