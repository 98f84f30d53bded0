using ProcFs.Fuse.Wire;
using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>An open /dev/fuse: one connection to the kernel once it is mounted. Close-on-exec.</summary>
public sealed class FuseDevice : IDisposable
{
    /// <summary>enum fuse_notify_code. Linux 6.9.</summary>
    private const int FuseNotifyResend = 7;

    /// <inheritdoc cref="FuseNotifyResend"/>
    private const int FuseNotifyPoll = 1;

    /// <inheritdoc cref="FuseNotifyResend"/>
    private const int FuseNotifyInvalInode = 2;

    internal FuseDevice(FileDescriptor descriptor) => Descriptor = descriptor;

    internal FileDescriptor Descriptor { get; }

    /// <summary>The descriptor's number, valid until disposal.</summary>
    public int Number => Descriptor.Number;

    /// <summary>Opens the device.</summary>
    /// <exception cref="FuseException">It is missing or not ours to open; the message says what to do.</exception>
    public static FuseDevice Open(string path = "/dev/fuse")
    {
        FileDescriptor? descriptor = FileDescriptor.Open(path, Libc.O_RDWR, out Errno error);
        return descriptor is null ? throw new FuseException(Explain(path, error), (FuseErrno)error) : new FuseDevice(descriptor);
    }

    /// <summary>
    /// Whether the connection is over: unmounted or aborted. Also true of a device that has not been mounted yet; which of the two it is
    /// the kernel does not tell (<see cref="Journal.IsMounted"/> does).
    /// </summary>
    public bool HasEnded
    {
        get
        {
            Libc.PollFd poll = new() { Fd = Number, Events = Libc.POLLIN };
            return Libc.Poll(new Span<Libc.PollFd>(ref poll), 0) > 0 && (poll.Revents & Libc.POLLERR) != 0;
        }
    }

    /// <summary>Takes over a descriptor that was kept by somebody else; it is closed on exec from now on.</summary>
    public static FuseDevice Adopt(int descriptor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        _ = Libc.SetCloseOnExec(descriptor, true);
        return new FuseDevice(new FileDescriptor(descriptor));
    }

    /// <summary>Whether read(2) waits for a request. The mode belongs to the open device: it changes for every process that has it.</summary>
    public void SetBlocking(bool isBlocking)
    {
        Errno error = Libc.ErrorOf(Libc.SetBlocking(Number, isBlocking));
        if (error != Errno.None)
        {
            throw new FuseException($"cannot set the mode of the FUSE device: {Libc.Describe(error)}", (FuseErrno)error);
        }
    }

    /// <summary>
    /// Has the kernel queue everything again that was read from the device and not answered, under new ids (FUSE_NOTIFY_RESEND). What
    /// is answered under the old ids first does not come again.
    /// </summary>
    /// <returns>False when the kernel does not know how (before Linux 6.9), or the connection is over.</returns>
    public unsafe bool Resend()
    {
        FuseOutHeader notification = new() { Len = FuseOutHeader.Size, Error = FuseNotifyResend };
        return Notify(&notification, FuseOutHeader.Size);
    }

    /// <summary>
    /// Has the kernel ask for a node's attributes before it uses them again (FUSE_NOTIFY_INVAL_INODE). Its pages are left alone, so nobody
    /// is waited for, and a worker may do this with a request in hand.
    /// </summary>
    /// <returns>False when the kernel does not know the node, or the connection is over.</returns>
    public unsafe bool ExpireAttributes(ulong nodeId)
    {
        FuseNotifyInvalInodeOut notification = new()
        {
            Header = new FuseOutHeader { Len = FuseNotifyInvalInodeOut.Size, Error = FuseNotifyInvalInode },
            Ino = nodeId,
            Offset = -1,
        };
        return Notify(&notification, FuseNotifyInvalInodeOut.Size);
    }

    /// <summary>
    /// Has the kernel wake whoever polls an open file, so that they ask what it is ready for (FUSE_NOTIFY_POLL). Waits for nobody.
    /// </summary>
    /// <param name="pollHandle">As <see cref="IFileSystem.Poll"/> was told; one that is unknown is passed over.</param>
    /// <returns>False when the connection is over.</returns>
    public unsafe bool WakePoll(ulong pollHandle)
    {
        FuseNotifyPollWakeupOut notification = new()
        {
            Header = new FuseOutHeader { Len = FuseNotifyPollWakeupOut.Size, Error = FuseNotifyPoll },
            Kh = pollHandle,
        };
        return Notify(&notification, FuseNotifyPollWakeupOut.Size);
    }

    private unsafe bool Notify(void* notification, nuint length)
    {
        bool isHeld = false;
        try
        {
            Descriptor.DangerousAddRef(ref isHeld);
            return Libc.Write(Number, notification, length) == (nint)length;
        }
        finally
        {
            if (isHeld)
            {
                Descriptor.DangerousRelease();
            }
        }
    }

    /// <summary>Closes our reference. The connection ends when no process has one any more.</summary>
    public void Dispose() => Descriptor.Dispose();

    internal static string Explain(string path, Errno error)
    {
        string advice = error switch
        {
            Errno.ENOENT => "load the kernel module (modprobe fuse), or give this container the device",
            Errno.ENODEV or Errno.ENXIO => "the kernel has no FUSE behind it: load the module (modprobe fuse)",
            Errno.EACCES or Errno.EPERM => "run as root, and in a container allow the device (char 10:229, read and write)",
            Errno.EMFILE or Errno.ENFILE => "too many descriptors are open: raise the limit (ulimit -n, fs.file-max)",
            _ => "without it nothing can be served",
        };
        return $"cannot open {path}: {Libc.Describe(error)}; {advice}";
    }
}
