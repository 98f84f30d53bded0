using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// socketpair(2)
internal static unsafe partial class Libc
{
    /// <summary>Two local sockets that are connected with each other, close-on-exec.</summary>
    /// <param name="type">SOCK_….</param>
    /// <param name="first">One end.</param>
    /// <param name="second">The other.</param>
    public static int SocketPair(int type, out int first, out int second)
    {
        int* ends = stackalloc int[2];
        int result = (int)Result(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends));
        (first, second) = result < 0 ? (-1, -1) : (ends[0], ends[1]);
        return result;
    }

    [LibraryImport(Library)]
    private static partial int socketpair(int domain, int type, int protocol, int* sv);
}
