using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// socket(2), bind(2): TCP on the loopback addresses 127.0.0.1 and ::1 alone, ip(7), ipv6(7)
internal static unsafe partial class Libc
{
    public const int SOCK_STREAM = 1;

    private const int AF_INET = 2;
    private const int AF_INET6 = 10;
    private const int SO_REUSEADDR = 2;
    private const int LoopbackSize = 28;

    /// <summary>A TCP socket, close-on-exec.</summary>
    /// <param name="isV6">IPv6, else IPv4.</param>
    /// <param name="flags">SOCK_NONBLOCK, or 0.</param>
    public static int TcpSocket(bool isV6, int flags) => (int)Result(socket(isV6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));

    /// <summary>Binds to the loopback address, also while connections of an earlier socket there are in TIME_WAIT.</summary>
    public static int BindLoopback(int fd, bool isV6, ushort port)
    {
        int yes = 1;
        _ = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(int));
        // struct sockaddr_in: family, port, address. struct sockaddr_in6: family, port, flow, address, scope. All but the family big-endian.
        Span<byte> address = stackalloc byte[LoopbackSize];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)(isV6 ? AF_INET6 : AF_INET));
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], port);
        address[isV6 ? 23 : 4] = (byte)(isV6 ? 1 : 127);
        address[isV6 ? 23 : 7] = 1;
        fixed (byte* bytes = address)
        {
            return (int)Result(bind_address(fd, bytes, isV6 ? LoopbackSize : 16u));
        }
    }

    [LibraryImport(Library, EntryPoint = "bind")]
    private static partial int bind_address(int sockfd, byte* addr, uint addrlen);
}
