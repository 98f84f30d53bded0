using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// read(2), pread(2)
internal static unsafe partial class Libc
{
    public static nint Read(int fd, void* buffer, nuint count)
    {
        nint result;
        do
        {
            result = Result(read(fd, buffer, count));
        }
        while (Interrupted(result));
        return result;
    }

    public static nint Read(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Read(fd, start, (nuint)buffer.Length);
        }
    }

    /// <summary>Reads at an offset without moving the file position. On /proc and cgroup files, offset 0 makes the text afresh.</summary>
    public static nint Pread(int fd, Span<byte> buffer, long offset)
    {
        nint result;
        fixed (byte* start = buffer)
        {
            do
            {
                result = Result(pread(fd, start, (nuint)buffer.Length, offset));
            }
            while (Interrupted(result));
        }

        return result;
    }

    [LibraryImport(Library)]
    private static partial nint read(int fd, void* buf, nuint count);

    [LibraryImport(Library)]
    private static partial nint pread(int fd, void* buf, nuint count, long offset);
}
