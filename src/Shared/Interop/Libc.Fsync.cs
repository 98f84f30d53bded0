using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fsync(2)
internal static unsafe partial class Libc
{
    /// <summary>Waits until what was written to a file, or the names in a directory, outlive a loss of power.</summary>
    public static int Synchronize(int fd) => (int)Result(fsync(fd));

    [LibraryImport(Library)]
    private static partial int fsync(int fd);
}
