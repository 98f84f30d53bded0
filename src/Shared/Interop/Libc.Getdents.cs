using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// getdents64(2), by syscall(2): older C libraries have no wrapper
internal static unsafe partial class Libc
{
    public const byte DT_UNKNOWN = 0;
    public const byte DT_DIR = 4;
    public const byte DT_REG = 8;
    public const byte DT_LNK = 10;

    /// <summary>Fills the buffer with linux_dirent64 records; their length in bytes, 0 at the end, or -errno.</summary>
    public static nint Getdents64(int directory, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Result(syscall(GetdentsNumber, directory, start, (nuint)buffer.Length));
        }
    }

    /// <summary>x86-64 has a table of its own; the newer ports share the generic one.</summary>
    private static readonly nint GetdentsNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 217,
        Architecture.Ppc64le => 202,
        Architecture.S390x => 220,
        _ => 61,
    };

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, void* second, nuint third);
}
