using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// ioctl(2)
internal static unsafe partial class Libc
{
    /// <summary>_IOR(0xb7, 7, int), ioctl_nsfs(2): a process of a pid namespace by its number there; answers with its number in ours. Linux 6.11.</summary>
    public const uint NS_GET_TGID_FROM_PIDNS = 0x8004b707;

    public static int Ioctl(int fd, uint request, nint argument) => (int)Result(ioctl(fd, request, argument));

    [LibraryImport(Library)]
    private static partial int ioctl(int fd, nuint request, nint argument);
}
