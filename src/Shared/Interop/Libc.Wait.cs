using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// waitpid(2)
internal static unsafe partial class Libc
{
    /// <summary>Takes a child that has ended, without waiting: its pid, 0 when none has, -ECHILD when there is no such child.</summary>
    /// <param name="pid">The child; -1: any.</param>
    /// <param name="end">How it ended; only when a pid is returned.</param>
    public static int TakeEnded(int pid, out ChildEnd end)
    {
        const int noHang = 1;
        int status = 0;
        nint result;
        do
        {
            result = Result(waitpid(pid, &status, noHang));
        }
        while (Interrupted(result));
        end = new ChildEnd(status);
        return (int)result;
    }

    /// <summary>The status that wait(2) gives for a child that has ended.</summary>
    public readonly record struct ChildEnd(int Status)
    {
        /// <summary>WTERMSIG; 0 when it exited by itself.</summary>
        public int Signal => Status & 0x7f;

        /// <summary>As a shell gives it: WEXITSTATUS, or 128 and the signal.</summary>
        public int ExitCode => Signal == 0 ? (Status >> 8) & 0xff : 128 + Signal;
    }

    [LibraryImport(Library)]
    private static partial int waitpid(int pid, int* wstatus, int options);
}
