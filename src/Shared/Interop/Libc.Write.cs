using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// write(2)
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

    [LibraryImport(Library)]
    private static partial nint write(int fd, void* buf, nuint count);
}
