using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// getppid(2), geteuid(2), unshare(2), execve(2)
internal static unsafe partial class Libc
{
    public const int CLONE_FS = 0x00000200;
    public const int CLONE_NEWNS = 0x00020000;
    public const int CLONE_NEWCGROUP = 0x02000000;
    public const int CLONE_NEWUTS = 0x04000000;
    public const int CLONE_NEWIPC = 0x08000000;
    public const int CLONE_NEWPID = 0x20000000;

    public static int EffectiveUserId() => (int)geteuid();

    /// <summary>Changes when the parent ends; 0 when it is not visible in our pid namespace.</summary>
    public static int ParentProcessId() => getppid();

    /// <summary>Gives the calling thread (its later children, for CLONE_NEWPID) namespaces of its own.</summary>
    public static int Unshare(int flags) => (int)Result(unshare(flags));

    /// <summary>Replaces this process. Returns only on failure, with -errno.</summary>
    public static int Execve(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        byte** argv = Vector(arguments);
        byte** envp = Vector(environment);
        fixed (byte* text = PathBytes(path))
        {
            return (int)Result(execve(text, argv, envp));
        }
    }

    // Never freed: after execve the whole address space is gone, and after its failure the process ends.
    private static byte** Vector(IReadOnlyList<string> words)
    {
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)words.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < words.Count; i++)
        {
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(words[i]);
        }

        return vector;
    }

    [LibraryImport(Library)]
    private static partial int getppid();

    [LibraryImport(Library)]
    private static partial uint geteuid();

    [LibraryImport(Library)]
    private static partial int unshare(int flags);

    [LibraryImport(Library)]
    private static partial int execve(byte* path, byte** argv, byte** envp);
}
