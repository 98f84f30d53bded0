using ProcFs.Fuse;
using ProcFs.Interop;
using ProcFs.Serving;

namespace ProcFs.Lxcfs;

/// <summary>What lxcfs itself left at the directory that we are to serve.</summary>
internal static class LxcfsMount
{
    private const string Type = "fuse.lxcfs";
    private const int Most = 16; // one for each time it crashed and was started again

    /// <summary>Takes dead mounts of lxcfs away.</summary>
    /// <exception cref="Failure">It is alive.</exception>
    public static void Clear(string mount)
    {
        for (int i = 0; i < Most && MountPoint.Inspect(mount) is { Kind: MountPointKind.ForeignMount, Type: Type }; i++)
        {
            if (MountQuestion.Ask(mount) != MountAnswer.Dead)
            {
                throw new Failure(ExitCode.Failed, $"{mount} is served by lxcfs itself: stop that first (systemctl stop lxcfs, or its process), then start this");
            }

            Errno error = Libc.ErrorOf(Libc.Unmount(mount, Libc.MNT_DETACH));
            if (error != Errno.None)
            {
                throw new Failure(ExitCode.Failed, $"cannot take lxcfs's dead mount off {mount}: {Libc.Describe(error)}");
            }
        }
    }
}
