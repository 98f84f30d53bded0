using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// getrlimit(2), setrlimit(2)
internal static unsafe partial class Libc
{
    private const int RLIMIT_NOFILE = 7;
    private const int RLIMIT_MEMLOCK = 8;

    /// <summary>Raises the number of descriptors this process may open to its hard limit; the limit that holds now.</summary>
    public static ulong RaiseDescriptorLimit() => RaiseToHardLimit(RLIMIT_NOFILE) ?? 1024;

    /// <summary>Raises the bytes this process may lock in memory to its hard limit; the limit that holds now, null when it cannot be told.</summary>
    public static ulong? RaiseMemoryLockLimit() => RaiseToHardLimit(RLIMIT_MEMLOCK);

    private static ulong? RaiseToHardLimit(int resource)
    {
        Rlimit limit;
        if (getrlimit(resource, &limit) != 0)
        {
            return null;
        }

        Rlimit raised = new() { Current = limit.Maximum, Maximum = limit.Maximum };
        return setrlimit(resource, &raised) == 0 ? raised.Current : limit.Current;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Rlimit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [LibraryImport(Library)]
    private static partial int getrlimit(int resource, Rlimit* rlim);

    [LibraryImport(Library)]
    private static partial int setrlimit(int resource, Rlimit* rlim);
}
