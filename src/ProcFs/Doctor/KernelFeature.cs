using ProcFs.Interop;

namespace ProcFs.Doctor;

/// <summary>Something that only some kernels can do, and whether this one can.</summary>
/// <param name="Name">As its manual page.</param>
/// <param name="Since">The first version of Linux that can.</param>
/// <param name="Has">Null: it cannot be tried out (a sandbox, or not root); the version says it then.</param>
/// <param name="IsForAttaching">Without it no file gets into a container but by its engine's own binds.</param>
internal sealed record KernelFeature(string Name, Version Since, bool? Has, bool IsForAttaching)
{
    /// <summary>Calls each with arguments that make it fail before it does anything.</summary>
    public static unsafe IReadOnlyList<KernelFeature> Probe()
    {
        const int nothing = -1;
        Libc.OpenHow how = default;
        byte name = 0;
        return
        [
            new("pidfd_open", new Version(5, 3), Knows(Libc.PidfdOpen(nothing)), true),
            new("open_tree", new Version(5, 2), Knows(Libc.OpenTree(nothing, [0], 0)), true),
            new("move_mount", new Version(5, 2), Knows(Libc.MoveMount(nothing, nothing, 0)), true),
            new("openat2", new Version(5, 6), Knows(Libc.OpenAt2(nothing, &name, &how)), true),
            new("mount_setattr", new Version(5, 12), Knows(Libc.MountSetattr(nothing, Libc.MOUNT_ATTR_RDONLY, 0)), true),
            new("mounts beneath others", new Version(6, 5), Libc.ErrorOf(Libc.MoveMount(nothing, nothing, Libc.MOVE_MOUNT_BENEATH)) switch
            {
                Errno.EBADF => true,
                Errno.EINVAL or Errno.ENOSYS => false,
                _ => null,
            }, false),
            // Nobody can ask for it without a connection.
            new("requests sent again", new Version(6, 9), null, false),
        ];
    }

    /// <summary>Whether a kernel of this version has it, where it could not be tried out.</summary>
    public bool IsIn(Version kernel) => Has ?? kernel >= Since;

    private static bool? Knows(nint result) => Libc.ErrorOf(result) switch
    {
        Errno.ENOSYS => false,
        Errno.EPERM => null,
        _ => true,
    };
}
