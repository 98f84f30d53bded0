using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// kill(2)
internal static unsafe partial class Libc
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGUSR2 = 12;
    public const int SIGTERM = 15;

    public static int Kill(int pid, int signal) => (int)Result(kill(pid, signal));

    [LibraryImport(Library)]
    private static partial int kill(int pid, int sig);
}
