using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// openat2(2), by syscall(2): the C library has no wrapper before glibc 2.43. Not before Linux 5.6.
internal static unsafe partial class Libc
{
    public const ulong RESOLVE_NO_XDEV = 0x01;
    public const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    public const ulong RESOLVE_NO_SYMLINKS = 0x04;
    public const ulong RESOLVE_BENEATH = 0x08;

    /// <summary>Only what is in the dentry cache; EAGAIN when a filesystem would have to be asked. Since Linux 5.12.</summary>
    public const ulong RESOLVE_CACHED = 0x20;

    /// <summary>struct open_how.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>Opens a path (NUL at the end) with <paramref name="how"/>; O_CLOEXEC is not added. Allocates nothing.</summary>
    public static nint OpenAt2(int directory, byte* path, OpenHow* how)
    {
        const nint number = 437; // everywhere
        nint result;
        do
        {
            result = Result(syscall(number, directory, path, how, (nuint)sizeof(OpenHow)));
        }
        while (Interrupted(result));
        return result;
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, void* second, void* third, nuint fourth);
}
