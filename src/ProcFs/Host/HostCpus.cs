using System.Buffers.Text;
using ProcFs.Cgroups;
using ProcFs.Interop;

namespace ProcFs.Host;

/// <summary>
/// The host's own directory of CPUs (devices/system/cpu in sysfs), held since before anything is served: should somebody lay ours over it later, we
/// still have the host's. Nothing that is mounted below it is entered, so no look-up ever waits for ourselves; that needs openat2(2), and before
/// Linux 5.6 there is nothing here. Names are the program's own, no reader's.
/// </summary>
internal sealed class HostCpus : IDisposable
{
    /// <summary>Instead of a CPU's number: what lies beside the CPUs' directories.</summary>
    public const int NoCpu = -1;

    private const int LongestPath = 192;
    private const ulong Inside = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_XDEV | Libc.RESOLVE_NO_MAGICLINKS;

    private readonly FileDescriptor? _directory;

    /// <param name="path">The directory. One that is not there has nothing in it.</param>
    public HostCpus(string path) => _directory = FileDescriptor.Open(path, Libc.O_PATH | Libc.O_DIRECTORY, out _);

    /// <summary>Whether a file or directory is there.</summary>
    /// <param name="cpu">The host's number of the CPU in whose directory it lies, or <see cref="NoCpu"/>.</param>
    /// <param name="path">Below that; empty: the directory itself.</param>
    public bool Has(int cpu, ReadOnlySpan<byte> path)
    {
        int fd = Open(cpu, path, Libc.O_PATH);
        if (fd < 0)
        {
            return false;
        }

        _ = Libc.Close(fd);
        return true;
    }

    /// <summary>Reads a file as it is now. The length of the text, or -errno.</summary>
    /// <inheritdoc cref="Has"/>
    /// <param name="cpu">As there.</param>
    /// <param name="path">As there.</param>
    /// <param name="buffer">Gets the text, and grows as needed.</param>
    public int Read(int cpu, ReadOnlySpan<byte> path, ref byte[] buffer)
    {
        int fd = Open(cpu, path, Libc.O_RDONLY);
        if (fd < 0)
        {
            return fd;
        }

        int length = KernelText.Read(fd, ref buffer);
        _ = Libc.Close(fd);
        return length;
    }

    /// <summary>The CPUs that are plugged in, offline ones among them; empty when that cannot be read.</summary>
    public CpuSet Present()
    {
        byte[] buffer = new byte[256];
        int length = Read(NoCpu, "present"u8, ref buffer);
        return length > 0 && CpuSet.TryParse(buffer.AsSpan(0, length), out CpuSet present) ? present : CpuSet.Empty;
    }

    public void Dispose() => _directory?.Dispose();

    private unsafe int Open(int cpu, ReadOnlySpan<byte> path, int flags)
    {
        if (_directory is null)
        {
            return -(int)Errno.ENOENT;
        }

        Span<byte> text = stackalloc byte[LongestPath];
        int length = 0;
        if (cpu != NoCpu)
        {
            "cpu"u8.CopyTo(text);
            Utf8Formatter.TryFormat(cpu, text["cpu"u8.Length..], out int digits);
            length = "cpu"u8.Length + digits;
            text[length++] = (byte)'/';
        }

        path.CopyTo(text[length..^1]);
        text[length + path.Length] = 0;
        Libc.OpenHow how = new() { Flags = (ulong)(uint)(flags | Libc.O_CLOEXEC), Resolve = Inside };
        const int tries = 10; // EAGAIN: something was mounted or renamed somewhere while a ".." (of the link cpufreq) was followed
        fixed (byte* start = text)
        {
            nint result = -(nint)Errno.EAGAIN;
            for (int attempt = 0; attempt < tries && Libc.ErrorOf(result) == Errno.EAGAIN; attempt++)
            {
                result = Libc.OpenAt2(_directory.Number, start, &how);
            }

            return (int)result;
        }
    }
}
