using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// execv(3), signal(2)
internal static unsafe partial class Libc
{
    private const int SIGPIPE = 13;
    private const nint SIG_IGN = 1;

    /// <summary>
    /// Replaces this process, whose environment stays byte for byte what it was. SIGPIPE, which .NET ignores and a new program would go on to ignore, is at its
    /// default again. Returns only on failure, with -errno.
    /// </summary>
    public static int BecomeProgram(string path, IReadOnlyList<string> arguments)
    {
        // Never freed: after execve the whole address space is gone, and after its failure the process ends.
        byte** argv = (byte**)NativeMemory.AllocZeroed((nuint)arguments.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < arguments.Count; i++)
        {
            argv[i] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
        }

        _ = signal(SIGPIPE, 0);
        fixed (byte* text = PathBytes(path))
        {
            return (int)Result(execv(text, argv));
        }
    }

    /// <summary>Has this process ignore a signal, whatever the runtime would do at it. What it starts by posix_spawn(3) has it at its default.</summary>
    public static void Ignore(int signal) => _ = Libc.signal(signal, SIG_IGN);

    [LibraryImport(Library)]
    private static partial int execv(byte* path, byte** argv);

    [LibraryImport(Library)]
    private static partial nint signal(int signum, nint handler);
}
