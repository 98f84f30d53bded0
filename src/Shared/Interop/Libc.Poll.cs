using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// poll(2)
internal static unsafe partial class Libc
{
    public const short POLLIN = 0x1;
    public const short POLLPRI = 0x2;
    public const short POLLOUT = 0x4;
    public const short POLLERR = 0x8;
    public const short POLLHUP = 0x10;

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Revents;
    }

    /// <summary>Waits up to <paramref name="timeoutMs"/> (-1: for ever). An interrupted wait starts over with the whole time.</summary>
    public static int Poll(Span<PollFd> descriptors, int timeoutMs)
    {
        nint result;
        fixed (PollFd* first = descriptors)
        {
            do
            {
                result = Result(poll(first, (nuint)descriptors.Length, timeoutMs));
            }
            while (Interrupted(result));
        }

        return (int)result;
    }

    [LibraryImport(Library)]
    private static partial int poll(PollFd* fds, nuint nfds, int timeout);
}
