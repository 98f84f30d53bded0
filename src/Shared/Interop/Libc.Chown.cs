using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fchown(2)
internal static unsafe partial class Libc
{
    /// <summary>Gives an open file to another owner and group.</summary>
    public static int ChangeOwner(int fd, uint owner, uint group) => (int)Result(fchown(fd, owner, group));

    [LibraryImport(Library)]
    private static partial int fchown(int fd, uint owner, uint group);
}
