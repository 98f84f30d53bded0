namespace ProcFs.Doctor;

/// <summary>
/// The refusals that have to do with us, told by what the kernel says of a process and not by what that says of itself: a container can take our name, and our path.
/// Those from before the daemon was started are over: what refused may have been mended since.
/// </summary>
internal sealed class OwnRefusals
{
    private static readonly TimeSpan Roughly = TimeSpan.FromMilliseconds(100); // start times have 10 ms, the clock of records is as coarse as the kernel's tick

    private readonly DateTimeOffset _since;

    /// <param name="host">Whose processes they are.</param>
    /// <param name="records">All refusals.</param>
    /// <param name="mayBeOurs">Whether a record of another process may be one of ours that has ended, as a hook: with the domains of our processes.</param>
    public OwnRefusals(DoctorHost host, IReadOnlyList<LsmRecord> records, Func<LsmRecord, IReadOnlyList<OwnProcess>, bool> mayBeOurs)
    {
        IReadOnlyList<OwnProcess> own = host.OwnProcesses();
        _since = own.Count == 0 ? DateTimeOffset.MinValue : own[0].Since - Roughly;
        ByProcess = [.. records.Where(IsOfProcess)];
        ByDomain = [.. records.Where(record => IsSinceStart(record) && !IsOfProcess(record) && mayBeOurs(record, own))];

        bool IsOfProcess(LsmRecord record) => own.Any(process => process.Pid == record.Pid && record.At >= process.Since - Roughly);
    }

    /// <summary>Of the processes that run now, by their numbers.</summary>
    public IReadOnlyList<LsmRecord> ByProcess { get; }

    /// <summary>Of others, in a domain in which no container should be.</summary>
    public IReadOnlyList<LsmRecord> ByDomain { get; }

    /// <summary>Whether it is from the time of the daemon that runs, else of the keeper; without either, any time.</summary>
    public bool IsSinceStart(LsmRecord record) => record.At >= _since;

    /// <summary>How to begin anew, with nothing refused so far.</summary>
    public static string Restart(DoctorHost host)
        => host.Daemon.IsRunning ? host.Own.Restart(host.Daemon.Pid, host.Daemon.IsSupervised, host.Daemon.KeeperPid > 0) : host.Own.Start(host.Daemon.KeeperPid > 0);
}
