using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// pipe2(2)
internal static unsafe partial class Libc
{
    /// <summary>A pipe, close-on-exec.</summary>
    public static int Pipe(out int readEnd, out int writeEnd)
    {
        int* ends = stackalloc int[2];
        nint result = Result(pipe2(ends, O_CLOEXEC));
        (readEnd, writeEnd) = result < 0 ? (-1, -1) : (ends[0], ends[1]);
        return (int)result;
    }

    [LibraryImport(Library)]
    private static partial int pipe2(int* pipefd, int flags);
}
