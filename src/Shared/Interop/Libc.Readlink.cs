using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// readlinkat(2)
internal static unsafe partial class Libc
{
    /// <summary>The target of a symbolic link (path with NUL at the end), without NUL; the length, or -errno.</summary>
    public static nint ReadlinkAt(int directory, ReadOnlySpan<byte> path, Span<byte> target)
    {
        fixed (byte* text = path)
        fixed (byte* buffer = target)
        {
            return Result(readlinkat(directory, text, buffer, (nuint)target.Length));
        }
    }

    [LibraryImport(Library)]
    private static partial nint readlinkat(int dirfd, byte* pathname, byte* buf, nuint bufsiz);
}
