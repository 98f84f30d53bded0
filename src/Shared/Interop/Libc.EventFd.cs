using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// eventfd(2)
internal static unsafe partial class Libc
{
    /// <summary>A counter that a poll loop can wait for: non-blocking, close-on-exec.</summary>
    public static int EventFd()
    {
        const int closeOnExec = 0x80000;
        const int nonBlocking = 0x800;
        return (int)Result(eventfd(0, closeOnExec | nonBlocking));
    }

    [LibraryImport(Library)]
    private static partial int eventfd(uint initval, int flags);
}
