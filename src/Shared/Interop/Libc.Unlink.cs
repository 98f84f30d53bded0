using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// unlinkat(2)
internal static unsafe partial class Libc
{
    /// <summary>Removes a file (path with NUL at the end).</summary>
    public static int UnlinkAt(int directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* text = path)
        {
            return (int)Result(unlinkat(directory, text, 0));
        }
    }

    [LibraryImport(Library)]
    private static partial int unlinkat(int dirfd, byte* pathname, int flags);
}
