using ProcFs.Fuse;

namespace ProcFs.Serving;

/// <summary>Makes sure that a directory can be mounted on: takes over a dead mount of ours, refuses everything that is not ours.</summary>
internal static class MountPreparation
{
    /// <summary>How many dead mounts of our own were taken away.</summary>
    /// <remarks>To be called with the mount point's lock held: no daemon with the same run directory has it then.</remarks>
    /// <param name="mount">The directory.</param>
    /// <param name="create">Whether it is made when it is missing.</param>
    /// <param name="procRoot">Where mountinfo is.</param>
    /// <param name="detachAll">Takes mounts of ours off it, as <see cref="FuseMount.DetachAll"/> does; null: that.</param>
    /// <exception cref="Failure">It cannot be mounted on.</exception>
    public static int Prepare(string mount, bool create, string procRoot = "/proc", Func<int>? detachAll = null)
    {
        if (MountPoint.Inspect(mount, procRoot: procRoot).Kind == MountPointKind.OwnMount)
        {
            RefuseUnlessDead(mount);
        }

        int detached = detachAll is null ? FuseMount.DetachAll(mount, procRoot: procRoot) : detachAll();
        MountPointState state = MountPoint.Inspect(mount, procRoot: procRoot);
        if (state.Kind == MountPointKind.Missing && create)
        {
            Create(mount);
            return detached;
        }

        string? refusal = state.Kind switch
        {
            MountPointKind.Nothing => null,
            MountPointKind.Missing => "does not exist: create it (mkdir -p)",
            MountPointKind.NotDirectory => "is not a directory: choose one with --mount",
            MountPointKind.NotEmpty => "is not empty, and its files would be hidden: choose an empty directory with --mount",
            MountPointKind.ForeignMount => $"has a {state.Type} from \"{state.Source}\" mounted on it: unmount that, or choose another directory with --mount",
            MountPointKind.InsideOwnMount => "lies inside another mount of procfs: choose a directory outside of it with --mount",
            MountPointKind.OwnMount => "still has a mount of procfs that cannot be detached: unmount it (umount -l)",
            _ => $"cannot be looked into ({state.Error}): choose another directory with --mount",
        };
        return refusal is null ? detached : throw new Failure(ExitCode.Failed, $"the mount point {mount} {refusal}");
    }

    /// <summary>A daemon with another run directory may serve there, or one whose descriptors are kept elsewhere may come back.</summary>
    private static void RefuseUnlessDead(string mount)
    {
        switch (MountQuestion.Ask(mount))
        {
            case MountAnswer.None:
                throw new Failure(ExitCode.Failed, $"the mount point {mount} has a mount of procfs whose daemon does not answer: end that daemon, or abort its connection (docs/operations.md)");
            case MountAnswer.Served:
                throw new Failure(ExitCode.Failed, $"the mount point {mount} is served by another procfs, with another --run-dir: stop that one, or choose another directory with --mount");
            default:
                return;
        }
    }

    private static void Create(string mount)
    {
        try
        {
            Directory.CreateDirectory(mount);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot make the mount point {mount}: {exception.Message}; choose another directory with --mount");
        }
    }
}
