using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// setsid(2), prctl(2)
internal static unsafe partial class Libc
{
    private const int PR_SET_PDEATHSIG = 1;

    /// <summary>Leaves the terminal's process group; fails for a process that leads one.</summary>
    public static int SetSid() => (int)Result(setsid());

    /// <summary>Has a signal sent to this process when the thread that started it ends. Kept across execve.</summary>
    public static int SignalAtParentsEnd(int signal) => (int)Result(prctl(PR_SET_PDEATHSIG, (nuint)signal, 0, 0, 0));

    [LibraryImport(Library)]
    private static partial int setsid();

    [LibraryImport(Library)]
    private static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);
}
