using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// kcmp(2), by syscall(2): C libraries have no wrapper
internal static unsafe partial class Libc
{
    private static readonly nint KcmpNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 312,
        Architecture.Ppc64le => 354,
        Architecture.S390x => 343,
        _ => 272, // asm-generic: arm64, riscv64, loongarch64
    };

    /// <summary>
    /// Compares the open files behind two descriptors of ours: 0 when they are one (copies of one descriptor), more when they are two, even
    /// of one inode. -errno where a kernel or a sandbox does not let us ask.
    /// </summary>
    public static int CompareFiles(int first, int second)
    {
        const nint file = 0; // KCMP_FILE
        int self = Environment.ProcessId;
        return (int)Result(syscall(KcmpNumber, self, self, file, first, second));
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint pid1, nint pid2, nint type, nint idx1, nint idx2);
}
