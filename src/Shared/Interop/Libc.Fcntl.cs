using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fcntl(2): record locks (they belong to the process, vanish with it, and tell who holds them), descriptor flags, status flags
internal static unsafe partial class Libc
{
    private const int FD_CLOEXEC = 1;

    private const int F_GETFD = 1;
    private const int F_SETFD = 2;
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;
    private const int F_GETLK = 5;
    private const int F_SETLK = 6;
    private const short F_RDLCK = 0;
    private const short F_WRLCK = 1;
    private const short F_UNLCK = 2;

    /// <summary>Takes the write lock on a whole file; -EAGAIN or -EACCES when another process holds it.</summary>
    public static int TryLock(int fd) => SetLock(fd, F_WRLCK);

    /// <summary>Gives this process's lock on a file back. So does closing any descriptor of that file.</summary>
    public static int Unlock(int fd) => SetLock(fd, F_UNLCK);

    /// <summary>The pid that holds the write lock on a file; 0 when nobody does, or one whose pid is not visible here.</summary>
    public static int LockHolder(int fd) => IsLockedByOther(fd, out int pid) ? pid : 0;

    /// <summary>
    /// Whether another process holds a lock on a file, and which: pid 0 when it lives in a pid namespace that cannot be seen from here.
    /// </summary>
    public static bool IsLockedByOther(int fd, out int pid)
    {
        Flock request = new() { Type = F_WRLCK };
        bool isLocked = fcntl(fd, F_GETLK, &request) == 0 && request.Type != F_UNLCK;
        pid = isLocked ? Math.Max(request.Pid, 0) : 0;
        return isLocked;
    }

    /// <summary>Whether a descriptor is closed at execve(2).</summary>
    public static int SetCloseOnExec(int fd, bool isClosed)
    {
        nint flags = Result(fcntl(fd, F_GETFD, (nint)0));
        return flags < 0 ? (int)flags : (int)Result(fcntl(fd, F_SETFD, isClosed ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC));
    }

    /// <summary>1 when calls with a descriptor wait, 0 when they say EAGAIN, or -errno.</summary>
    public static int IsBlocking(int fd)
    {
        nint flags = Result(fcntl(fd, F_GETFL, (nint)0));
        return flags < 0 ? (int)flags : (flags & O_NONBLOCK) == 0 ? 1 : 0;
    }

    /// <summary>The mode is the open file's: whoever has a copy of the descriptor, in whatever process, has it changed too.</summary>
    public static int SetBlocking(int fd, bool isBlocking)
    {
        nint flags = Result(fcntl(fd, F_GETFL, (nint)0));
        return flags < 0 ? (int)flags : (int)Result(fcntl(fd, F_SETFL, isBlocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK));
    }

    private static int SetLock(int fd, short type)
    {
        Flock request = new() { Type = type };
        return (int)Result(fcntl(fd, F_SETLK, &request));
    }

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Flock
    {
        public short Type;
        public short Whence;
        public int Padding;
        public long Start;
        public long Length;
        public int Pid;
        public int Padding2;
    }

    [LibraryImport(Library)]
    private static partial int fcntl(int fd, int cmd, Flock* arg);

    [LibraryImport(Library)]
    private static partial int fcntl(int fd, int cmd, nint arg);
}
