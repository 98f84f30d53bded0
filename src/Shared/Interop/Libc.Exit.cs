using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// _exit(2)
internal static unsafe partial class Libc
{
    /// <summary>Ends the process now, whatever its other threads wait for. Never returns.</summary>
    public static void Exit(int code) => _exit(code);

    [LibraryImport(Library)]
    private static partial void _exit(int status);
}
