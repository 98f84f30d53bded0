using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fcntl(2): record locks (they belong to the process, vanish with it, and tell who holds them)
internal static unsafe partial class Libc
{
    private const int F_GETLK = 5;
    private const int F_SETLK = 6;
    private const short F_RDLCK = 0;
    private const short F_WRLCK = 1;
    private const short F_UNLCK = 2;

    /// <summary>Takes the write lock on a whole file; -EAGAIN or -EACCES when another process holds it.</summary>
    public static int TryLock(int fd)
    {
        Flock request = new() { Type = F_WRLCK };
        return (int)Result(fcntl(fd, F_SETLK, &request));
    }

    /// <summary>The pid that holds the write lock on a file; 0 when nobody does.</summary>
    public static int LockHolder(int fd)
    {
        Flock request = new() { Type = F_WRLCK };
        return fcntl(fd, F_GETLK, &request) == 0 && request.Type != F_UNLCK ? request.Pid : 0;
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
}
