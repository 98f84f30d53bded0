using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary><c>procfs serve --unmount</c>: the end of a mount for good. Nobody keeps its descriptors after it, and its history is gone.</summary>
internal static class Goodbye
{
    /// <exception cref="Failure">A daemon still serves, or the mount cannot be ended.</exception>
    /// <exception cref="FuseException">The kernel refused to unmount.</exception>
    public static ExitCode Say(DaemonOptions options)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, "serve --unmount needs root");
        }

        string procRoot = options.Roots.Proc;
        MountPointState before = MountPoint.Inspect(options.Mount, procRoot: procRoot);
        if (before.Kind == MountPointKind.ForeignMount)
        {
            throw new Failure(ExitCode.Failed, $"{options.Mount} has a {before.Type} from \"{before.Source}\" mounted on top: unmount that first");
        }

        bool wasMounted = before.Kind == MountPointKind.OwnMount
            || MountPoint.Inspect(ServedMounts.PrivatePath(options.RunDirectory, options.Mount), procRoot: procRoot).Kind == MountPointKind.OwnMount;
        if (wasMounted && ServerLock.Holder(options.RunDirectory, options.Mount) == 0)
        {
            DetachFromContainers(options); // who serves does it, or refuses to end
        }

        using KeeperClient keeper = new(options.RunDirectory);
        KeeperAnswer answer = keeper.End(MountPoint.Canonical(options.Mount));
        if (answer.Outcome is KeeperOutcome.Refused or KeeperOutcome.NoAnswer)
        {
            throw new Failure(ExitCode.Failed, answer.Text);
        }

        int holder = ServerLock.Holder(options.RunDirectory, options.Mount);
        if (holder > 0)
        {
            throw new Failure(ExitCode.Failed, $"{options.Mount} is served by process {holder}: stop it first (systemctl stop procfs, or kill {holder}), then say this again");
        }

        if (Directory.Exists(options.RunDirectory))
        {
            // Held while we take things away: a daemon that starts now says that we are at it.
            using ServerLock ours = ServerLock.Take(options.RunDirectory, options.Mount);
            ServedMounts.Detach(options.RunDirectory, options.Mount, procRoot);
            File.Delete(ServerLock.StateFile(options.RunDirectory, options.Mount));
        }
        else
        {
            FuseMount.DetachAll(options.Mount, procRoot: procRoot);
        }

        Console.Out.WriteLine(wasMounted ? $"{options.Mount} is unmounted" : $"{options.Mount} was not mounted");
        return ExitCode.Done;
    }

    /// <summary>Containers are to see the kernel's own files, and not dead ones.</summary>
    private static void DetachFromContainers(DaemonOptions options)
    {
        using ChildVerb? child = ChildVerb.Start(AttachVerbs.DetachAll(options.RootArguments), out Errno error);
        string? trouble = child is null ? $"cannot be started: {Libc.Describe(error)}"
            : !child.WaitForEnd(AttachVerbs.DetachWithin, out int? exitCode) ? $"was not done within {AttachVerbs.DetachWithin.TotalSeconds} s"
            : exitCode is null or 0 ? null
            : $"has ended with exit code {exitCode}";
        if (trouble is not null)
        {
            Console.Error.WriteLine($"procfs: procfs detach --all {trouble}: some containers may be left with dead files; run it again");
        }
    }
}
