using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>An open /dev/fuse: one connection to the kernel once it is mounted. Close-on-exec.</summary>
public sealed class FuseDevice : IDisposable
{
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
