using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// pidfd_open(2), pidfd_send_signal(2), by syscall(2): older C libraries have no wrapper
internal static unsafe partial class Libc
{
    /// <summary>A descriptor, close-on-exec, that is readable when the process has ended, whoever waits for it. Not before Linux 5.3.</summary>
    public static int PidfdOpen(int pid)
    {
        const nint number = 434; // everywhere
        return (int)Result(syscall(number, pid, 0));
    }

    /// <summary>Sends a signal to the process that a pidfd holds, and to no other that has its number by now.</summary>
    public static int PidfdSendSignal(int pidfd, int signal)
    {
        const nint number = 424; // everywhere
        return (int)Result(syscall(number, pidfd, signal, 0, 0));
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, nint second);
}
