using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>Makes and takes away mounts of our own type. Both need CAP_SYS_ADMIN.</summary>
public static class FuseMount
{
    private const ulong Flags = Libc.MS_NOSUID | Libc.MS_NODEV | Libc.MS_NOEXEC;

    /// <summary>More mounts one on another than anyone makes by accident; keeps the loop finite.</summary>
    private const int MaxStacked = 64;

    /// <summary>
    /// Mounts an open device: type "fuse.NAME", source NAME, nosuid, nodev, noexec, readable by everybody (allow_other), mode bits
    /// checked by the kernel (default_permissions). Returns at once; whoever uses the mount waits until INIT is answered.
    /// </summary>
    /// <param name="device">Open, and not mounted yet; or mounted elsewhere: then it is the same connection here.</param>
    /// <param name="path">A directory.</param>
    /// <param name="name">The subtype and the source.</param>
    /// <param name="maxRead">The most that one READ asks for, in bytes; 0: the kernel's choice, which is at most 256 pages.</param>
    /// <param name="context">
    /// The SELinux label of all its files; null: as the policy has it for FUSE. A kernel without SELinux refuses any. A connection that is
    /// mounted already has its label, and is only mounted again with the same.
    /// </param>
    /// <exception cref="ArgumentException">A label with a quote.</exception>
    /// <exception cref="FuseException">The kernel refused; the message says what to do.</exception>
    public static void Mount(FuseDevice device, string path, string name = "procfs", uint maxRead = 0, string? context = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        Errno error = Libc.ErrorOf(Libc.Mount(name, path, "fuse." + name, Flags, Options(device.Number, maxRead, context)));
        if (error != Errno.None)
        {
            throw new FuseException(Explain(path, error, context), (FuseErrno)error);
        }
    }

    /// <summary>
    /// Detaches mounts of our own type at a path until none is on top: those in use live on, invisible, until their last user is
    /// gone. Sends nothing to a dead server.
    /// </summary>
    /// <returns>How many were detached.</returns>
    /// <exception cref="FuseException">The kernel refused to unmount.</exception>
    public static int DetachAll(string path, string subtype = "procfs", string procRoot = "/proc")
    {
        int detached = 0;
        while (detached < MaxStacked && MountPoint.TopOf(path, subtype, procRoot) is { } mountPoint)
        {
            Errno error = Libc.ErrorOf(Libc.Unmount(mountPoint, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW));
            if (error == Errno.EINVAL) // gone since we looked
            {
                break;
            }

            if (error != Errno.None)
            {
                throw new FuseException($"cannot unmount {path}: {Libc.Describe(error)}{(error == Errno.EPERM ? "; run as root" : "")}", (FuseErrno)error);
            }

            detached++;
        }

        return detached;
    }

    /// <summary>
    /// Detaches what is on top at a path that the caller has just mounted on, without looking: for a process that can open nothing any more.
    /// </summary>
    public static void Detach(string path) => _ = Libc.Unmount(path, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);

    /// <summary>The last argument of mount(2).</summary>
    internal static string Options(int device, uint maxRead, string? context)
    {
        if (context?.Contains('"', StringComparison.Ordinal) == true)
        {
            throw new ArgumentException("a label has no quotes", nameof(context));
        }

        // In quotes, since a label may have commas. rootmode is octal and includes the type: a directory, 0555.
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(context is null ? "" : $"context=\"{context}\",")}fd={device},rootmode=40555,user_id=0,group_id=0,allow_other,default_permissions{(maxRead > 0 ? ",max_read=" : "")}{(maxRead > 0 ? maxRead : null)}");
    }

    internal static string Explain(string path, Errno error, string? context = null)
    {
        string advice = error switch
        {
            Errno.EPERM => "mounting needs root (CAP_SYS_ADMIN)",
            Errno.ENOENT => "create the directory first",
            Errno.ENOTDIR => "the mount point must be a directory",
            Errno.ENODEV => "the kernel has no FUSE: load the module (modprobe fuse)",
            Errno.EBUSY => "this device is mounted there already",
            Errno.EINVAL when context is not null =>
                $"the policy of SELinux on this host may not know the label {context}: choose one that it has (system_u:object_r:container_file_t:s0 where containers are confined), or none",
            Errno.EACCES when context is not null => $"SELinux does not let this process mount with the label {context}: the kernel's log says what is to be allowed (ausearch -m avc), or choose another label or none",
            Errno.EINVAL => "the kernel does not accept the options or the device",
            _ => "",
        };
        return $"cannot mount on {path}: {Libc.Describe(error)}{(advice.Length > 0 ? "; " + advice : "")}";
    }
}
