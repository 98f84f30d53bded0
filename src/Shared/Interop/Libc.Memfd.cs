using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// memfd_create(2), ftruncate(2), and the seals of fcntl(2)
internal static unsafe partial class Libc
{
    public const uint MFD_CLOEXEC = 0x1;
    public const uint MFD_ALLOW_SEALING = 0x2;

    /// <summary>Never executable, for good. Linux 6.3; hosts with vm.memfd_noexec=2 insist on it.</summary>
    public const uint MFD_NOEXEC_SEAL = 0x8;

    /// <summary>No more seals.</summary>
    public const int F_SEAL_SEAL = 0x1;
    public const int F_SEAL_SHRINK = 0x2;
    public const int F_SEAL_GROW = 0x4;

    private const int F_ADD_SEALS = 1033;
    private const int F_GET_SEALS = 1034;

    /// <summary>An anonymous file in memory; the name is for /proc/PID/fd and maps only.</summary>
    public static int MemfdCreate(string name, uint flags)
    {
        fixed (byte* text = PathBytes(name))
        {
            return (int)Result(memfd_create(text, flags));
        }
    }

    public static int Ftruncate(int fd, long length) => (int)Result(ftruncate(fd, length));

    public static int AddSeals(int fd, int seals) => (int)Result(fcntl(fd, F_ADD_SEALS, (nint)seals));

    /// <summary>The seals of a file in memory; -EINVAL for any other file. One of tmpfs that is no memfd has F_SEAL_SEAL alone.</summary>
    public static int GetSeals(int fd) => (int)Result(fcntl(fd, F_GET_SEALS, (nint)0));

    [LibraryImport(Library)]
    private static partial int memfd_create(byte* name, uint flags);

    [LibraryImport(Library)]
    private static partial int ftruncate(int fd, long length);
}
