using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// setns(2)
internal static unsafe partial class Libc
{
    /// <summary>
    /// Takes the calling thread into namespaces of the process that a pidfd names (since Linux 5.8). A mount namespace asks for
    /// CLONE_FS to have been unshared, and leaves root and working directory at the root of that namespace. Allocates nothing.
    /// </summary>
    public static nint Setns(int pidfd, int namespaces) => Result(setns(pidfd, namespaces));

    [LibraryImport(Library)]
    private static partial int setns(int fd, int nstype);
}
