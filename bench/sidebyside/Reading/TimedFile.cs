using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>Reads a file as programs read those of /proc, by system calls alone. For one thread.</summary>
internal sealed unsafe class TimedFile
{
    private const int BufferSize = 64 * 1024;

    private readonly string _name;
    private readonly byte[] _path;
    private readonly byte[] _buffer = GC.AllocateArray<byte>(BufferSize, pinned: true);
    private readonly int _kept = -1;

    /// <param name="path">The file.</param>
    /// <param name="isKept">Opens it once, and reads it through that descriptor.</param>
    /// <exception cref="BenchFailure">It cannot be opened.</exception>
    public TimedFile(string path, bool isKept = false)
    {
        _name = path;
        _path = Libc.PathBytes(path);
        _kept = isKept ? Open() : -1;
    }

    /// <summary>open, read to the end in pieces of 64 KiB, close; for a kept one pread at 0 alone. Nanoseconds.</summary>
    /// <exception cref="BenchFailure">The file cannot be read, or is empty.</exception>
    public long Read()
    {
        nint first;
        long start = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
        if (_kept >= 0)
        {
            first = Libc.Pread(_kept, _buffer, 0);
        }
        else
        {
            int fd = Open();
            first = Libc.Read(fd, _buffer);
            for (nint length = first; length > 0; length = Libc.Read(fd, _buffer))
            {
            }

            _ = Libc.Close(fd);
        }

        long end = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
        return first > 0 ? end - start : throw Refusal(first);
    }

    private int Open()
    {
        int fd = Libc.OpenAt(Libc.AT_FDCWD, _path, Libc.O_RDONLY);
        return fd >= 0 ? fd : throw Refusal(fd);
    }

    private BenchFailure Refusal(nint result) => new($"cannot read {_name}: {(result == 0 ? "it is empty" : Libc.Describe(Libc.ErrorOf(result)))}");
}
