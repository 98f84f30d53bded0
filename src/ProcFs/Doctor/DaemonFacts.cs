using System.Globalization;
using System.Text;
using ProcFs.Containers;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Hook.Control;
using ProcFs.Hook.Registration;
using ProcFs.Interop;
using ProcFs.Privileges;
using ProcFs.Serving;

namespace ProcFs.Doctor;

/// <summary>The daemon and whoever keeps its descriptors, found out once: by locks, by the control socket with a time limit, and by mountinfo.</summary>
internal sealed class DaemonFacts
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMilliseconds(400);

    private const double TicksPerSecond = 100; // USER_HZ, the same on all architectures that are served

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(20); // TimeoutStartSec= of the unit

    private readonly DoctorPlaces _places;

    public DaemonFacts(DoctorPlaces places)
    {
        _places = places;
        Pid = ServerLock.Holder(places.RunDirectory, places.Mount);
        KeeperPid = LockHolder(Path.Combine(places.RunDirectory, "keeper.lock"));
        Public = MountPoint.Inspect(places.Mount, procRoot: places.Roots.Proc);
        PrivatePath = ServedMounts.PrivatePath(places.RunDirectory, places.Mount);
        Private = MountPoint.Inspect(PrivatePath, procRoot: places.Roots.Proc);
        if (Pid > 0 && !IsStopped(Pid))
        {
            using ControlClient daemon = new(places.RunDirectory, AnswersWithin);
            Reply = daemon.Ask(new ControlRequest(ControlVerb.Where));
        }

        if (KeeperPid > 0 && !IsStopped(KeeperPid))
        {
            using KeeperClient keeper = new(places.RunDirectory) { AnswersWithin = AnswersWithin };
            KeeperAnswer = keeper.List();
        }
    }

    /// <summary>Who has the mount point's lock; 0: nobody serves, or the lock cannot be seen.</summary>
    public int Pid { get; }

    public bool IsRunning => Pid > 0;

    /// <summary>What mounts and enters containers for the daemon; 0: the daemon itself does.</summary>
    public int AttacherPid => IsRunning ? Separation.AttacherOf(FileOf(Pid, "environ")) : 0;

    /// <summary>Who keeps descriptors in the run directory: <c>keep</c> or <c>supervise</c>; 0: nobody.</summary>
    public int KeeperPid { get; }

    /// <summary>What the daemon says when it is asked where it serves; null: there is none, or it is stopped.</summary>
    public ControlReply? Reply { get; }

    /// <summary>What the keeper has; null: there is none, or it is stopped.</summary>
    public KeeperAnswer? KeeperAnswer { get; }

    /// <summary>What the daemon said; null: nothing.</summary>
    public ControlAnswer? Answer => Reply is { Answer: { Error: null } answer } ? answer : null;

    /// <summary>The listener of this run directory is the daemon of this mount point, and not one of another in the same directory.</summary>
    public bool IsAnswerOurs => Answer is { } answer && Path.GetFileName(answer.Mount) == Path.GetFileName(PrivatePath);

    /// <summary>What is at the public mount point.</summary>
    public MountPointState Public { get; }

    /// <summary>Where the connection is to be mounted.</summary>
    public string PrivatePath { get; }

    /// <summary>What is there.</summary>
    public MountPointState Private { get; }

    /// <summary>It is not ready yet, and has been there for less time than a start may take: nothing is wrong so far.</summary>
    public bool IsStarting => IsRunning && Reply is { IsAbsent: true } && Age < StartsWithin;

    /// <summary>A new daemon is started by whoever keeps the descriptors.</summary>
    public bool IsSupervised => IsRunning && KeeperPid > 0 && ParentOf(Pid) == KeeperPid;

    /// <summary>Whether this mount point is among what the keeper has.</summary>
    public bool IsKept => KeeperAnswer is { IsDone: true } answer && answer.Text.Split('\n').Any(line => line.EndsWith(" " + MountPoint.Canonical(_places.Mount), StringComparison.Ordinal));

    /// <summary>The minor of the connection whose files are served, or wait for a daemon that comes; 0: there is none.</summary>
    public uint LiveMinor => IsAnswerOurs ? Answer!.Minor : IsRunning || IsKept ? Private.DeviceMinor ?? Public.DeviceMinor ?? 0 : 0;

    /// <summary>The daemon, if it runs, then its attacher and the keeper.</summary>
    public IReadOnlyList<OwnProcess> Processes()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return [.. new[] { Pid, AttacherPid, KeeperPid }.Where(pid => pid > 0).Distinct()
            .Select(pid => AgeOf(pid) is { } age ? new OwnProcess(pid, now - age, FileOf(pid, "attr/current").Trim('\0', '\n')) : null).OfType<OwnProcess>()];
    }

    /// <summary>Whether somebody has stopped a process (SIGSTOP), and not let it go on.</summary>
    public bool IsStopped(int pid) => ProcessStatus.Parse(StatusOf(pid)).State is (byte)'T' or (byte)'t';

    /// <summary>proc_pid_status(5); empty when the process is gone.</summary>
    public byte[] StatusOf(int pid) => Encoding.UTF8.GetBytes(FileOf(pid, "status"));

    /// <summary>A file of a process of our own; empty when it cannot be read.</summary>
    public string FileOf(int pid, string name)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"{_places.Roots.Proc}/{pid}/{name}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>How long ago the daemon's process was started.</summary>
    private TimeSpan Age => AgeOf(Pid) ?? TimeSpan.MaxValue;

    private TimeSpan? AgeOf(int pid) => StartTime.TryRead(_places.Roots.Proc, pid, out ulong ticks)
        ? _places.Roots.Clock.GetElapsedTime(0) - TimeSpan.FromSeconds(ticks / TicksPerSecond)
        : null;

    private int ParentOf(int pid) => ProcessStatus.Parse(StatusOf(pid)).ParentPid;

    private static int LockHolder(string path)
    {
        using FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_NOFOLLOW, out _);
        return file is null ? 0 : Libc.LockHolder(file.Number);
    }
}
