using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Tests;

/// <summary>socketpair(2), setsockopt(2), dup(2). SOCK_SEQPACKET keeps message borders, as the device does.</summary>
internal static unsafe partial class SocketPair
{
    private const int AF_UNIX = 1;
    private const int SOCK_SEQPACKET = 5;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_SNDBUF = 7;

    public static (int Kernel, int Server) Create(bool isBlocking)
    {
        int* pair = stackalloc int[2];
        return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | (isBlocking ? 0 : SOCK_NONBLOCK), 0, pair) == 0
            ? (pair[0], pair[1])
            : throw new Win32Exception(Marshal.GetLastSystemError());
    }

    public static void LimitSendBuffer(int socket, int bytes) => Assert.Equal(0, setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(int)));

    public static int Duplicate(int socket)
    {
        int copy = dup(socket);
        return copy >= 0 ? copy : throw new Win32Exception(Marshal.GetLastSystemError());
    }

    [LibraryImport("libc")]
    private static partial int dup(int oldfd);

    [LibraryImport("libc")]
    private static partial int socketpair(int domain, int type, int protocol, int* sv);

    [LibraryImport("libc")]
    private static partial int setsockopt(int sockfd, int level, int optname, int* optval, uint optlen);
}
