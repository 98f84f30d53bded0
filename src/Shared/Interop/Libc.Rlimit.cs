using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// getrlimit(2), setrlimit(2)
internal static unsafe partial class Libc
{
    private const int RLIMIT_NOFILE = 7;

    /// <summary>Raises the number of descriptors this process may open to its hard limit; the limit that holds now.</summary>
    public static ulong RaiseDescriptorLimit()
    {
        Rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        {
            return 1024;
        }

        Rlimit raised = new() { Current = limit.Maximum, Maximum = limit.Maximum };
        return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.Current : limit.Current;
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
