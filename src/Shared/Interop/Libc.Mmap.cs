using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// mmap(2), munmap(2)
internal static unsafe partial class Libc
{
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 0x01;
    public const int MAP_PRIVATE = 0x02;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_POPULATE = 0x8000;

    /// <summary>Maps memory; null and an error when that fails.</summary>
    public static byte* Mmap(nuint length, int protection, int flags, int fd, long offset, out Errno error)
    {
        void* address = mmap(null, length, protection, flags, fd, offset);
        error = (nint)address == -1 ? (Errno)Marshal.GetLastSystemError() : Errno.None;
        return error == Errno.None ? (byte*)address : null;
    }

    public static int Munmap(byte* address, nuint length) => (int)Result(munmap(address, length));

    [LibraryImport(Library)]
    private static partial void* mmap(void* addr, nuint length, int prot, int flags, int fd, long offset);

    [LibraryImport(Library)]
    private static partial int munmap(void* addr, nuint length);
}
