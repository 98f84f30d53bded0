using ProcFs.Fuse;

namespace ProcFs.Doctor.Checks;

/// <summary>The daemon: running, and answering.</summary>
internal sealed class DaemonCheck : ICheck
{
    public string Id => "daemon";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        string mount = host.Places.Mount;
        if (!daemon.IsRunning)
        {
            yield return !host.IsRoot
                ? Finding.Note("whether the daemon runs cannot be told: its run directory is root's")
                : Finding.Bad(
                    $"nobody serves {mount}{(daemon.IsKept ? ": its readers wait until somebody does, or the keeper lets them go" : "")}",
                    Mend.Run(host.Own.Start(daemon.KeeperPid > 0)));
        }
        else if (daemon.IsStopped(daemon.Pid))
        {
            yield return Finding.Bad($"the daemon, process {daemon.Pid}, was stopped by a signal (SIGSTOP) and answers nobody{Waiting(daemon)}", Mend.Run($"kill -CONT {daemon.Pid}"));
        }
        else if (daemon.IsStarting)
        {
            yield return Finding.Bad($"the daemon, process {daemon.Pid}, was started some seconds ago and does not serve yet", Mend.Do("wait for it, and look again"));
        }
        else if (daemon.Reply is { IsAbsent: true })
        {
            yield return Finding.Bad(
                $"the daemon, process {daemon.Pid}, does not listen in {host.Places.RunDirectory}: no container can be registered",
                Mend.Run(host.Own.Restart(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0)));
        }
        else if (daemon.Answer is null)
        {
            yield return Finding.Bad(
                $"the daemon, process {daemon.Pid}, does not answer: {daemon.Reply?.Failure}{Waiting(daemon)}",
                Mend.Run(host.Own.Kill(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0)));
        }
        else if (!daemon.IsAnswerOurs)
        {
            yield return Finding.Warning(
                $"the daemon, process {daemon.Pid}, registers no containers: another one in {host.Places.RunDirectory}, which serves {daemon.Answer.Mount}, does",
                Mend.Do("give each daemon a run directory of its own (--run-dir)"));
        }
        else
        {
            yield return Finding.Ok($"process {daemon.Pid} serves {mount} and answers");
        }
    }

    private static string Waiting(DaemonFacts daemon)
        => daemon.Private.DeviceMinor is { } minor && FuseControl.Waiting(minor) is > 0 and long waiting ? $"; {Words.Count((int)waiting, "request")} wait" : "";
}
