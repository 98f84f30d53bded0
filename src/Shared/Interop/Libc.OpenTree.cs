using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// open_tree(2), by syscall(2). Not before Linux 5.2.
internal static unsafe partial class Libc
{
    /// <summary>A copy of the mount, attached nowhere; gone when its descriptor is closed unless it was attached.</summary>
    public const uint OPEN_TREE_CLONE = 1;

    /// <summary>O_CLOEXEC, the same on every architecture that .NET runs on.</summary>
    public const uint OPEN_TREE_CLOEXEC = 0x80000;

    /// <summary>Opens the mount that a path (NUL at the end) leads to.</summary>
    public static int OpenTree(int directory, ReadOnlySpan<byte> path, uint flags)
    {
        const nint number = 428; // everywhere
        nint result;
        fixed (byte* text = path)
        {
            do
            {
                result = Result(syscall(number, directory, text, flags));
            }
            while (Interrupted(result));
        }

        return (int)result;
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, void* second, uint third);
}
