using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// pidfd_open(2), by syscall(2): older C libraries have no wrapper
internal static unsafe partial class Libc
{
    /// <summary>A descriptor, close-on-exec, that is readable when the process has ended, whoever waits for it. Not before Linux 5.3.</summary>
    public static int PidfdOpen(int pid)
    {
        const nint number = 434; // everywhere
        return (int)Result(syscall(number, pid, 0));
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, nint second);
}
