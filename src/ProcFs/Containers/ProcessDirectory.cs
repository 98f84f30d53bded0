using ProcFs.Host;
using ProcFs.Interop;

namespace ProcFs.Containers;

/// <summary>
/// The /proc directory of one process or thread, held open. The kernel ties it to that one task: once the task is gone every
/// look into it fails, also when its number has been given to another, so what is read through one of these is never mixed
/// from two tasks.
/// </summary>
internal readonly ref struct ProcessDirectory : IDisposable
{
    private readonly int _fd;

    private ProcessDirectory(int fd) => _fd = fd;

    public bool Exists => _fd >= 0;

    public static ProcessDirectory Open(ProcRoot root, long pid) => new(root.OpenProcess(pid));

    public static ProcessDirectory OpenSelf(ProcRoot root) => new(root.OpenSelf());

    /// <summary>A file of it (name ends in NUL), read whole into the buffer; false when the process is gone or the file is not there.</summary>
    public bool TryRead(ReadOnlySpan<byte> name, ref byte[] buffer, out ReadOnlySpan<byte> text)
    {
        int length = Exists ? KernelText.Read(_fd, name, ref buffer) : -1;
        text = length > 0 ? buffer.AsSpan(0, length) : default;
        return length > 0;
    }

    /// <summary>
    /// The inode number that identifies a namespace ("ns/pid" and NUL), from the link's text "pid:[4026531836]"; zero when it
    /// cannot be told.
    /// </summary>
    public ulong Namespace(ReadOnlySpan<byte> name) => Exists ? NamespaceAt(_fd, name) : 0;

    /// <inheritdoc cref="Namespace"/>
    public static ulong NamespaceAt(int directory, ReadOnlySpan<byte> name)
    {
        Span<byte> target = stackalloc byte[64];
        nint length = Libc.ReadlinkAt(directory, name, target);
        if (length <= 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> text = target[..(int)length];
        int open = text.IndexOf((byte)'[');
        int close = text.IndexOf((byte)']');
        return open >= 0 && close > open && Text.NumberText.TryParse(text[(open + 1)..close], out long inode) ? (ulong)inode : 0;
    }

    /// <summary>Its descriptor, which is the caller's to close now; this one is not to be disposed.</summary>
    public int Give() => _fd;

    /// <summary>Whether the task of a directory that was given is still there: one look-up, no file read.</summary>
    public static bool IsAlive(int directory) => Libc.Statx(directory, "stat\0"u8, 0, Libc.STATX_TYPE, out _) >= 0;

    public static void Close(int directory) => Libc.Close(directory);

    /// <summary>Opens a file of it, for an ioctl; negative when that fails.</summary>
    public int OpenFile(ReadOnlySpan<byte> name) => Exists ? Libc.OpenAt(_fd, name, Libc.O_RDONLY) : -(int)Errno.ENOENT;

    public void Dispose()
    {
        if (Exists)
        {
            Libc.Close(_fd);
        }
    }
}
