using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// epoll_create1(2), epoll_ctl(2), epoll_wait(2)
internal static unsafe partial class Libc
{
    public const uint EPOLLPRI = 0x2;
    public const uint EPOLLERR = 0x8;

    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;

    // struct epoll_event: 32 bits of events, 64 bits of data. On x86-64 nothing is between them.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>A new set of descriptors to wait for, close-on-exec; or -errno.</summary>
    public static int EpollCreate()
    {
        const int closeOnExec = 0x80000;
        return (int)Result(epoll_create1(closeOnExec));
    }

    /// <summary>Adds a descriptor to a set, for as long as it is open.</summary>
    public static int EpollAdd(int epoll, int descriptor, uint events, ulong data)
    {
        byte* buffer = stackalloc byte[16];
        Span<byte> entry = new(buffer, 16);
        entry.Clear();
        MemoryMarshal.Write(entry, in events);
        MemoryMarshal.Write(entry[(EventSize - sizeof(ulong))..], in data);
        return (int)Result(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, buffer));
    }

    public static int EpollRemove(int epoll, int descriptor)
    {
        byte* buffer = stackalloc byte[16]; // looked at by no kernel of today
        return (int)Result(epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, buffer));
    }

    /// <summary>Waits, without end, until one descriptor has something, and says what: 1, or -errno.</summary>
    public static int EpollWait(int epoll, out uint events, out ulong data)
    {
        byte* buffer = stackalloc byte[16];
        nint result;
        do
        {
            result = Result(epoll_wait(epoll, buffer, 1, -1));
        }
        while (Interrupted(result));

        ReadOnlySpan<byte> entry = new(buffer, 16);
        events = MemoryMarshal.Read<uint>(entry);
        data = MemoryMarshal.Read<ulong>(entry[(EventSize - sizeof(ulong))..]);
        return (int)result;
    }

    [LibraryImport(Library)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Library)]
    private static partial int epoll_ctl(int epfd, int op, int fd, byte* ev);

    [LibraryImport(Library)]
    private static partial int epoll_wait(int epfd, byte* events, int maxevents, int timeout);
}
