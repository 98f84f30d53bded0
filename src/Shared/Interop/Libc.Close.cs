using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// close(2). Not retried on EINTR: on Linux the descriptor is gone either way.
internal static unsafe partial class Libc
{
    public static int Close(int fd) => (int)Result(close(fd));

    [LibraryImport(Library)]
    private static partial int close(int fd);
}
