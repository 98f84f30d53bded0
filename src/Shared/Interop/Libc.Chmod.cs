using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fchmod(2)
internal static unsafe partial class Libc
{
    /// <summary>The mode of an open file. On a socket before bind(2): the mode that its file will have, as far as the umask lets it.</summary>
    public static int ChangeMode(int fd, uint mode) => (int)Result(fchmod(fd, mode));

    [LibraryImport(Library)]
    private static partial int fchmod(int fd, uint mode);
}
