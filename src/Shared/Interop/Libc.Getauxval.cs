using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// getauxval(3)
internal static unsafe partial class Libc
{
    private const nuint AT_EXECFN = 31;

    /// <summary>The path that execve(2) was given for this process; null when the kernel did not say.</summary>
    public static string? ExecutedFile() => Marshal.PtrToStringUTF8((nint)getauxval(AT_EXECFN));

    [LibraryImport(Library)]
    private static partial nuint getauxval(nuint type);
}
