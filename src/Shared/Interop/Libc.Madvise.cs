using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// madvise(2)
internal static unsafe partial class Libc
{
    private const int MADV_DONTNEED = 4;
    private const int MADV_REMOVE = 9;
    private const int MADV_DONTDUMP = 16;

    /// <summary>No memory is set aside for what is mapped, only for what is touched. A mmap(2) flag; not the same bit on ppc64le.</summary>
    public static readonly int MAP_NORESERVE = RuntimeInformation.ProcessArchitecture == Architecture.Ppc64le ? 0x40 : 0x4000;

    /// <summary>Gives the pages of shared memory back, also those of others who have it mapped; from then on they read as zeros.</summary>
    public static int RemovePages(byte* address, nuint length) => (int)Result(madvise(address, length, MADV_REMOVE));

    /// <summary>Takes the pages of a file that is mapped privately out of this process until they are used again. What was written to them is lost.</summary>
    public static int UnmapUnchanged(nuint address, nuint length) => (int)Result(madvise((void*)address, length, MADV_DONTNEED));

    /// <summary>A core dump leaves it out. Of shared memory it would hold, and take memory for, all that was never touched.</summary>
    public static int LeaveOutOfDumps(byte* address, nuint length) => (int)Result(madvise(address, length, MADV_DONTDUMP));

    [LibraryImport(Library)]
    private static partial int madvise(void* addr, nuint length, int advice);
}
