using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// posix_spawn(3): fork(2) is not for a process with a runtime's threads in it
internal static unsafe partial class Libc
{
    private const short POSIX_SPAWN_SETPGROUP = 0x02;
    private const short POSIX_SPAWN_SETSIGDEF = 0x04;
    private const short POSIX_SPAWN_SETSIGMASK = 0x08;

    /// <summary>The C library's own structures; none is as large as this.</summary>
    private const int OpaqueSize = 1024;

    /// <summary>
    /// Starts a program in a process group of its own, with every signal unblocked and at its default. Its descriptors are this process's
    /// that are not close-on-exec.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">From argv[0] on.</param>
    /// <param name="environment">All of it: "NAME=value".</param>
    /// <param name="passed">Become its descriptors 3, 4 and so on, whatever they are here.</param>
    /// <param name="input">Becomes its standard input; negative: it has ours.</param>
    /// <param name="output">Becomes its standard output and error; negative: it has ours.</param>
    /// <returns>Its pid, or -errno.</returns>
    public static int Spawn(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<int> passed, int input = -1, int output = -1)
    {
        const int first = 3;
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* actions = stackalloc byte[OpaqueSize];
        byte* signals = stackalloc byte[OpaqueSize];
        new Span<byte>(signals, OpaqueSize).Clear();
        int error = posix_spawnattr_init(attributes);
        if (error != 0)
        {
            return -error;
        }

        if ((error = posix_spawn_file_actions_init(actions)) != 0)
        {
            _ = posix_spawnattr_destroy(attributes);
            return -error;
        }

        using WordVector argv = new(arguments);
        using WordVector envp = new(environment);
        try
        {
            _ = sigemptyset(signals);
            _ = posix_spawnattr_setsigmask(attributes, signals);
            _ = sigfillset(signals);
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            _ = posix_spawnattr_setpgroup(attributes, 0);
            _ = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

            error = input < 0 ? 0 : posix_spawn_file_actions_adddup2(actions, input, 0);
            for (int standard = 1; standard <= 2 && output >= 0 && error == 0; standard++)
            {
                error = posix_spawn_file_actions_adddup2(actions, output, standard);
            }

            // In two steps, by way of numbers above all others: one that has to move may sit where another has to go.
            int above = first + passed.Length;
            foreach (int descriptor in passed)
            {
                above = Math.Max(above, descriptor + 1);
            }

            for (int i = 0; i < passed.Length && error == 0; i++)
            {
                error = posix_spawn_file_actions_adddup2(actions, passed[i], above + i);
            }

            for (int i = 0; i < passed.Length && error == 0; i++)
            {
                error = posix_spawn_file_actions_adddup2(actions, above + i, first + i);
                error = error != 0 ? error : posix_spawn_file_actions_addclose(actions, above + i);
            }

            int pid = 0;
            fixed (byte* text = PathBytes(path))
            {
                error = error != 0 ? error : posix_spawn(&pid, text, actions, attributes, argv.Words, envp.Words);
            }

            return error != 0 ? -error : pid;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>A vector of texts, NULL at the end, as argv and envp are.</summary>
    private readonly ref struct WordVector : IDisposable
    {
        private readonly int _count;

        public WordVector(IReadOnlyList<string> words)
        {
            _count = words.Count;
            Words = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
            {
                Words[i] = (byte*)Marshal.StringToCoTaskMemUTF8(words[i]);
            }
        }

        public byte** Words { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Words[i]);
            }

            NativeMemory.Free(Words);
        }
    }

    [LibraryImport(Library)]
    private static partial int posix_spawn(int* pid, byte* path, void* file_actions, void* attrp, byte** argv, byte** envp);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_init(void* attr);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_destroy(void* attr);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_setflags(void* attr, short flags);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_setpgroup(void* attr, int pgroup);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_setsigmask(void* attr, void* sigmask);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_setsigdefault(void* attr, void* sigdefault);

    [LibraryImport(Library)]
    private static partial int posix_spawn_file_actions_init(void* file_actions);

    [LibraryImport(Library)]
    private static partial int posix_spawn_file_actions_destroy(void* file_actions);

    [LibraryImport(Library)]
    private static partial int posix_spawn_file_actions_adddup2(void* file_actions, int fildes, int newfildes);

    [LibraryImport(Library)]
    private static partial int posix_spawn_file_actions_addclose(void* file_actions, int fildes);

    [LibraryImport(Library)]
    private static partial int sigemptyset(void* set);

    [LibraryImport(Library)]
    private static partial int sigfillset(void* set);
}
