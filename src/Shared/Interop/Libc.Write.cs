using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// write(2), pwrite(2)
internal static unsafe partial class Libc
{
    public static nint Write(int fd, void* buffer, nuint count)
    {
        nint result;
        do
        {
            result = Result(write(fd, buffer, count));
        }
        while (Interrupted(result));
        return result;
    }

    public static nint Write(int fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Write(fd, start, (nuint)buffer.Length);
        }
    }

    public static nint Pwrite(int fd, ReadOnlySpan<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            nint result;
            do
            {
                result = Result(pwrite(fd, start, (nuint)buffer.Length, offset));
            }
            while (Interrupted(result));
            return result;
        }
    }

    [LibraryImport(Library)]
    private static partial nint pwrite(int fd, void* buf, nuint count, long offset);

    [LibraryImport(Library)]
    private static partial nint write(int fd, void* buf, nuint count);
}
