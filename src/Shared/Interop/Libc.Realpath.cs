using System.Runtime.InteropServices;
using System.Text;

namespace ProcFs.Interop;

// realpath(3)
internal static unsafe partial class Libc
{
    private const int PathMax = 4096; // linux/limits.h

    /// <summary>An existing path without symbolic links, as the C library finds it by readlink(2), without procfs; null when it cannot.</summary>
    public static string? RealPath(string path)
    {
        Span<byte> resolved = stackalloc byte[PathMax];
        fixed (byte* text = PathBytes(path))
        fixed (byte* buffer = resolved)
        {
            return realpath(text, buffer) is null ? null : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer));
        }
    }

    [LibraryImport(Library)]
    private static partial byte* realpath(byte* path, byte* resolved);
}
