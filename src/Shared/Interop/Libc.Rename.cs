using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// renameat(2)
internal static unsafe partial class Libc
{
    /// <summary>Renames within a directory, in the place of whatever has the new name (both with NUL at the end).</summary>
    public static int RenameAt(int directory, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        fixed (byte* oldName = from)
        fixed (byte* newName = to)
        {
            return (int)Result(renameat(directory, oldName, directory, newName));
        }
    }

    [LibraryImport(Library)]
    private static partial int renameat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath);
}
