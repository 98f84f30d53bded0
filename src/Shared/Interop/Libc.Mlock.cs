using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// mlock(2), munlock(2)
internal static unsafe partial class Libc
{
    /// <summary>Keeps pages in memory and in the page table. Reads pages in; a shared mapping is not made dirty by it.</summary>
    public static int Mlock(byte* address, nuint length) => (int)Result(mlock(address, length));

    public static int Munlock(byte* address, nuint length) => (int)Result(munlock(address, length));

    [LibraryImport(Library)]
    private static partial int mlock(void* addr, nuint len);

    [LibraryImport(Library)]
    private static partial int munlock(void* addr, nuint len);
}
