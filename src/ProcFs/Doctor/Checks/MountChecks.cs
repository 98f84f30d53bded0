using ProcFs.Fuse;
using ProcFs.Serving;

namespace ProcFs.Doctor.Checks;

/// <summary>The mount point where everybody finds the common files.</summary>
internal sealed class MountCheck : ICheck
{
    public string Id => "mount";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string mount = host.Places.Mount;
        DaemonFacts daemon = host.Daemon;
        string start = host.Own.Start(daemon.KeeperPid > 0);
        string restart = host.Own.Restart(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0);
        string quoted = ShellWord.Quote(mount);
        yield return daemon.Public.Kind switch
        {
            MountPointKind.OwnMount => Own(host, start, restart),
            MountPointKind.Nothing when daemon.IsStarting => Finding.Note($"{mount} is empty, and about to be mounted on"),
            MountPointKind.Nothing when daemon.IsRunning => Finding.Bad($"{mount} is not mounted although the daemon runs: new containers find no files there", Mend.Run(restart)),
            MountPointKind.Nothing => Finding.Ok($"{mount} is empty, and ready to be mounted on"),
            MountPointKind.Missing when mount == Cli.RootOptions.DefaultMount => Finding.Ok($"{mount} is made by the daemon when it starts"),
            MountPointKind.Missing => Finding.Bad($"there is no {mount}: the daemon cannot start", Mend.Run($"mkdir -p {quoted}")),
            MountPointKind.NotDirectory => Finding.Bad($"{mount} is no directory: the daemon cannot start", Mend.Run($"mv {quoted} {ShellWord.Quote(mount + ".old")} && mkdir -p {quoted}")),
            MountPointKind.NotEmpty => NotEmpty(host, mount),
            MountPointKind.ForeignMount => Finding.Bad($"a {daemon.Public.Type} from \"{daemon.Public.Source}\" is mounted on {mount}: nobody finds the files there, and the daemon cannot start", Mend.Run($"umount {quoted}")),
            MountPointKind.InsideOwnMount => Finding.Bad($"{mount} lies inside another mount of procfs: the daemon cannot start", Mend.Do("choose a directory outside of it with --mount")),
            _ => Finding.Bad($"{mount} cannot be looked into ({daemon.Public.Error})", Mend.Do("choose another directory with --mount")),
        };
    }

    private static Finding Own(DoctorHost host, string start, string restart)
    {
        string mount = host.Places.Mount;
        DaemonFacts daemon = host.Daemon;
        if (daemon.IsRunning)
        {
            // One that does not answer is not asked by way of its mount either.
            return daemon.Answer is null ? Finding.Note($"{mount} is mounted; whether it is served is not tried while the daemon does not answer")
                : daemon.IsAnswerOurs && daemon.Public.DeviceMinor != daemon.Answer.Minor ? Finding.Bad($"{mount} is a mount of another connection than the daemon serves", Mend.Run(restart))
                : Ask(mount) switch
                {
                    MountAnswer.Served => Finding.Ok($"{mount} is mounted and answers"),
                    MountAnswer.Dead => Finding.Bad($"{mount} is dead (ENOTCONN) although the daemon runs", Mend.Run(restart)),
                    _ => Finding.Bad($"{mount} does not answer in time although the daemon runs", Mend.Run(host.Own.Kill(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0))),
                };
        }

        return daemon.IsKept ? Finding.Bad($"{mount} waits for a daemon: its connection is kept, and nobody serves it", Mend.Run(start)) : Ask(mount) switch
        {
            MountAnswer.Dead => Finding.Bad($"{mount} is dead (ENOTCONN): its connection has ended", Mend.Run(start)),
            MountAnswer.Served => Finding.Bad($"{mount} is served by a daemon with another run directory", Mend.Do("name that one with --run-dir")),
            _ => Finding.Bad(
                $"{mount} is a mount whose daemon is gone or hangs, and nobody in {host.Places.RunDirectory} keeps it: its readers wait",
                Mend.Run($"echo 1 >/sys/fs/fuse/connections/{daemon.Public.DeviceMinor}/abort; {start}")),
        };
    }

    /// <summary>A child looks: whoever waits for a mount may wait for ever.</summary>
    private static MountAnswer Ask(string mount) => MountQuestion.Ask(mount);

    /// <summary>docker makes a directory where a file should be that it is to bind (-v), when nobody serves.</summary>
    private static Finding NotEmpty(DoctorHost host, string mount)
    {
        string quoted = ShellWord.Quote(mount);
        bool hasMounts = host.Mounts.Below(mount).Any();
        bool isEmptyTree = !hasMounts && !HasFiles(mount);
        return isEmptyTree
            ? Finding.Bad($"{mount} is not empty, and the daemon cannot start: it has directories with nothing in them, as docker run -v makes when nobody serves", Mend.Run($"find {quoted} -xdev -mindepth 1 -type d -empty -delete"))
            : Finding.Bad(
                $"{mount} is not empty, and the daemon cannot start: it has {(hasMounts ? "mounts in it" : "files of somebody's")}",
                hasMounts ? Mend.Do($"unmount what is below {mount}, then look at what is left") : Mend.Run($"mv {quoted} {ShellWord.Quote(mount + ".old")} && mkdir -p {quoted}"));
    }

    private static bool HasFiles(string directory)
    {
        try
        {
            // Links are not followed.
            return Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Any(path => !File.GetAttributes(path).HasFlag(FileAttributes.Directory) || File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}

/// <summary>The mount in the run directory, from which containers get their files.</summary>
internal sealed class PrivateMountCheck : ICheck
{
    public string Id => "mount.private";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        yield return !daemon.IsRunning ? Finding.Ok("no daemon runs")
            : daemon.IsStarting ? Finding.Note("the daemon is about to mount it")
            : daemon.Private.Kind != MountPointKind.OwnMount
                ? Finding.Bad(
                    $"{daemon.PrivatePath} is not mounted although the daemon runs: no container gets files of its own",
                    Mend.Run(host.Own.Restart(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0)))
            : Finding.Ok($"{daemon.PrivatePath} is mounted");
    }
}
