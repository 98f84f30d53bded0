using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// mkdirat(2)
internal static unsafe partial class Libc
{
    /// <summary>Makes a directory (path with NUL at the end).</summary>
    public static int MkdirAt(int directory, ReadOnlySpan<byte> path, uint mode)
    {
        fixed (byte* text = path)
        {
            return (int)Result(mkdirat(directory, text, mode));
        }
    }

    [LibraryImport(Library)]
    private static partial int mkdirat(int dirfd, byte* pathname, uint mode);
}
