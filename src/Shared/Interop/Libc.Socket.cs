using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// socket(2), bind(2), listen(2), accept4(2), connect(2), getsockopt(2), setsockopt(2): local sockets only, unix(7)
internal static unsafe partial class Libc
{
    public const int SOCK_DGRAM = 2;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_NONBLOCK = 0x800;

    private const int AF_UNIX = 1;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_PASSCRED = 16;
    private const int SO_PEERCRED = 17;
    private const int SO_RCVTIMEO = 20;
    private const int SO_SNDTIMEO = 21;

    /// <summary>What sun_path has room for; an abstract name may fill it, a path also needs its NUL in it.</summary>
    public const int SocketNameSize = 108;

    /// <summary>A local socket of a type (SOCK_…), close-on-exec.</summary>
    public static int LocalSocket(int type) => (int)Result(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));

    /// <summary>Binds to an address as it stands in sun_path: a path with its NUL, or an abstract name, which begins with NUL.</summary>
    public static int Bind(int fd, ReadOnlySpan<byte> name)
    {
        SockaddrUn address;
        uint length = AddressOf(name, &address);
        return length == 0 ? -(int)Errno.ENAMETOOLONG : (int)Result(bind(fd, &address, length));
    }

    /// <inheritdoc cref="Bind"/>
    /// <remarks>Waits for room in the listener's queue, up to the socket's send time-out.</remarks>
    public static int Connect(int fd, ReadOnlySpan<byte> name)
    {
        SockaddrUn address;
        uint length = AddressOf(name, &address);
        if (length == 0)
        {
            return -(int)Errno.ENAMETOOLONG;
        }

        nint result;
        do
        {
            result = Result(connect(fd, &address, length));
        }
        while (Interrupted(result));
        return (int)result;
    }

    public static int Listen(int fd, int backlog) => (int)Result(listen(fd, backlog));

    /// <summary>The next connection, close-on-exec; -EAGAIN when a non-blocking listener has none.</summary>
    /// <param name="fd">The listener.</param>
    /// <param name="flags">SOCK_NONBLOCK, or 0.</param>
    public static int Accept(int fd, int flags)
    {
        nint result;
        do
        {
            result = Result(accept4(fd, null, null, flags | SOCK_CLOEXEC));
        }
        while (Interrupted(result));
        return (int)result;
    }

    /// <summary>Who made the other end of a connection, as it was then.</summary>
    public static int PeerCredentials(int fd, out Credentials credentials)
    {
        fixed (Credentials* value = &credentials)
        {
            uint length = (uint)sizeof(Credentials);
            return (int)Result(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, &length));
        }
    }

    /// <summary>Has the kernel add the sender's credentials to every message received.</summary>
    public static int PassCredentials(int fd)
    {
        int yes = 1;
        return (int)Result(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(int)));
    }

    /// <summary>Bounds every send, connect and receive of a blocking socket: they say -EAGAIN after that time.</summary>
    public static int SetSocketTimeout(int fd, TimeSpan timeout)
    {
        Timeval time = new()
        {
            Seconds = timeout.Ticks / TimeSpan.TicksPerSecond,
            Microseconds = timeout.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond,
        };
        nint result = Result(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, (uint)sizeof(Timeval)));
        return result < 0 ? (int)result : (int)Result(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, (uint)sizeof(Timeval)));
    }

    /// <summary>The address's length; 0 when the name does not fit.</summary>
    private static uint AddressOf(ReadOnlySpan<byte> name, SockaddrUn* address)
    {
        if (name.IsEmpty || name.Length > SocketNameSize)
        {
            return 0;
        }

        address->Family = AF_UNIX;
        name.CopyTo(new Span<byte>(address->Path, SocketNameSize));
        return (uint)(sizeof(ushort) + name.Length);
    }

    /// <summary>struct ucred.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Credentials
    {
        public int Pid;
        public uint Uid;
        public uint Gid;
    }

    /// <summary>struct sockaddr_un.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SockaddrUn
    {
        public ushort Family;
        public fixed byte Path[SocketNameSize];
    }

    /// <summary>struct timeval of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Timeval
    {
        public long Seconds;
        public long Microseconds;
    }

    [LibraryImport(Library)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library)]
    private static partial int bind(int sockfd, SockaddrUn* addr, uint addrlen);

    [LibraryImport(Library)]
    private static partial int connect(int sockfd, SockaddrUn* addr, uint addrlen);

    [LibraryImport(Library)]
    private static partial int listen(int sockfd, int backlog);

    [LibraryImport(Library)]
    private static partial int accept4(int sockfd, void* addr, uint* addrlen, int flags);

    [LibraryImport(Library)]
    private static partial int getsockopt(int sockfd, int level, int optname, void* optval, uint* optlen);

    [LibraryImport(Library)]
    private static partial int setsockopt(int sockfd, int level, int optname, void* optval, uint optlen);
}
