using System.Runtime.CompilerServices;
using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>
/// Memory the kernel finds in the page table whenever it copies a request or a reply. A page that had to be faulted in while a SIGKILL
/// is pending would fail the copy, and the reader would get EIO.
/// </summary>
internal static unsafe class LockedMemory
{
    private const int PageSize = 4096;

    /// <summary>Touches and locks pages, raising the limit when need be.</summary>
    public static Errno Lock(byte* start, long length)
    {
        for (long offset = 0; offset < length; offset += PageSize)
        {
            // A write, since mlock(2) only reads: a clean page may still fault. Atomic: another process may be writing here.
            Interlocked.Add(ref Unsafe.AsRef<int>(start + offset), 0);
        }

        Errno error = Libc.ErrorOf(Libc.Mlock(start, (nuint)length));
        if (error is Errno.ENOMEM or Errno.EPERM or Errno.EAGAIN)
        {
            _ = Libc.RaiseMemoryLockLimit();
            error = Libc.ErrorOf(Libc.Mlock(start, (nuint)length));
        }

        return error;
    }

    public static FuseException Refusal(string what, long length, Errno error) => new(
        $"cannot lock {length} bytes of memory for {what}: {Libc.Describe(error)}; raise the limit (LimitMEMLOCK=, ulimit -l) or grant CAP_IPC_LOCK",
        (FuseErrno)error);
}
