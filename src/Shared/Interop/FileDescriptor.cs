using System.Runtime.InteropServices;

namespace ProcFs.Interop;

/// <summary>
/// An open descriptor that closes itself. The reference count of <see cref="SafeHandle"/> keeps the number valid while a
/// thread is inside a call with it, even when another thread disposes it (a number reused too early reads a stranger's file).
/// </summary>
internal sealed class FileDescriptor : SafeHandle
{
    public FileDescriptor(int fd)
        : base(-1, ownsHandle: true) => SetHandle(fd);

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The number. Valid only between <see cref="SafeHandle.DangerousAddRef"/> and release, or while the owner lives.</summary>
    public int Number => (int)handle;

    /// <summary>Opens a path; null and the error when that fails.</summary>
    public static FileDescriptor? Open(string path, int flags, out Errno error, uint mode = 0)
        => OpenAt(Libc.AT_FDCWD, Libc.PathBytes(path), flags, out error, mode);

    /// <summary>Opens a path (NUL at the end) relative to a directory descriptor; null and the error when that fails.</summary>
    public static FileDescriptor? OpenAt(int directory, ReadOnlySpan<byte> path, int flags, out Errno error, uint mode = 0)
    {
        int fd = Libc.OpenAt(directory, path, flags, mode);
        error = Libc.ErrorOf(fd);
        return fd < 0 ? null : new FileDescriptor(fd);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
