using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// dup2(2)
internal static unsafe partial class Libc
{
    /// <summary>Has one number mean what another one means, in the place of whatever it meant before; it is passed on to programs that this one starts.</summary>
    public static int Duplicate(int descriptor, int onto) => (int)Result(dup2(descriptor, onto));

    [LibraryImport(Library)]
    private static partial int dup2(int oldfd, int newfd);
}
