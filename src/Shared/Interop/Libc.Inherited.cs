using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fcntl(2), F_GETFD and F_SETFD: descriptors that came through execve(2)
internal static unsafe partial class Libc
{
    /// <summary>
    /// Makes an inherited descriptor close-on-exec; false when it is not open, or has that flag already: then it did not come through
    /// execve(2), but was opened by this process since.
    /// </summary>
    public static bool ClaimInherited(int fd)
    {
        const int getFlags = 1;
        const int setFlags = 2;
        const nint closeOnExec = 1;
        int flags = fcntl_flags(fd, getFlags, 0);
        return flags >= 0 && (flags & closeOnExec) == 0 && fcntl_flags(fd, setFlags, flags | closeOnExec) == 0;
    }

    [LibraryImport(Library, EntryPoint = "fcntl")]
    private static partial int fcntl_flags(int fd, int cmd, nint arg);
}
