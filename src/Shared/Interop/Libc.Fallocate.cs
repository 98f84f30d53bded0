using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fallocate(2)
internal static unsafe partial class Libc
{
    /// <summary>Makes the file at least that long and gives it real space there, so that writing to a mapping of it cannot fail later.</summary>
    public static int Fallocate(int fd, long offset, long length)
    {
        nint result;
        do
        {
            result = Result(fallocate(fd, 0, offset, length));
        }
        while (Interrupted(result));
        return (int)result;
    }

    [LibraryImport(Library)]
    private static partial int fallocate(int fd, int mode, long offset, long len);
}
