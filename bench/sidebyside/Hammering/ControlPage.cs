using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>
/// A file that all hammering containers have in their memory: what they hammer now, and how often each has read. A look at it is no system call, so
/// nothing but the reads themselves is done while they hammer.
/// </summary>
internal sealed unsafe class ControlPage : IDisposable
{
    /// <summary>A command: they wait.</summary>
    public const int Rest = 0;

    private const int Line = 64; // bytes: each has a cache line of its own
    private const int MaxSlots = 1023;
    private const int Size = Line * (MaxSlots + 1);

    private readonly byte* _start;

    /// <param name="path">The file.</param>
    /// <exception cref="BenchFailure">It cannot be opened or mapped.</exception>
    public ControlPage(string path)
    {
        int fd = Libc.OpenAt(Libc.AT_FDCWD, path, Libc.O_RDWR);
        Errno error = Libc.ErrorOf(fd);
        if (error == Errno.None)
        {
            _start = Libc.Mmap(Size, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, fd, 0, out error);
            _ = Libc.Close(fd);
        }

        if (error != Errno.None)
        {
            throw new BenchFailure($"cannot map {path}: {Libc.Describe(error)}");
        }
    }

    /// <summary><see cref="Rest"/>, or the number of a path, from 1 on.</summary>
    public int Command
    {
        get => Volatile.Read(ref *(int*)_start);
        set => Volatile.Write(ref *(int*)_start, value);
    }

    /// <summary>Makes the file.</summary>
    public static string Create(string path)
    {
        File.WriteAllBytes(path, new byte[Size]);
        return path;
    }

    /// <summary>How often the container with this number has read, since it started.</summary>
    public ref long Reads(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)MaxSlots, nameof(slot));
        return ref *(long*)(_start + (Line * (slot + 1)));
    }

    public long AllReads(int slots)
    {
        long sum = 0;
        for (int i = 0; i < slots; i++)
        {
            sum += Volatile.Read(ref Reads(i));
        }

        return sum;
    }

    public void Dispose() => _ = Libc.Munmap(_start, Size);
}
