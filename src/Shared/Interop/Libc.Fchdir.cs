using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fchdir(2)
internal static unsafe partial class Libc
{
    /// <summary>Makes an open directory the working directory, of the calling thread alone when it has unshared CLONE_FS. Allocates nothing.</summary>
    public static nint Fchdir(int directory) => Result(fchdir(directory));

    [LibraryImport(Library)]
    private static partial int fchdir(int fd);
}
