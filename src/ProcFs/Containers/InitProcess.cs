using ProcFs.Interop;

namespace ProcFs.Containers;

/// <summary>
/// The process 1 of a container's pid namespace, held by its /proc directory: that stays this very process's, so a recycled
/// pid or namespace number is never taken for it.
/// </summary>
internal sealed class InitProcess : IDisposable
{
    private readonly FileDescriptor _directory;

    private InitProcess(FileDescriptor directory, int pid, long startNs, int depth, long bootOffsetNs)
    {
        _directory = directory;
        Pid = pid;
        StartNs = startNs;
        NamespaceDepth = depth;
        BootOffsetNs = bootOffsetNs;
    }

    /// <summary>In the pid namespace of the proc root.</summary>
    public int Pid { get; }

    /// <summary>Start in ns since boot.</summary>
    public long StartNs { get; }

    /// <summary>How many pid namespaces it is in: the position of the container's own number in an NSpid line.</summary>
    public int NamespaceDepth { get; }

    /// <summary>
    /// What its time namespace adds to the time since boot; zero where it has none of its own, or no offset in it. The kernel adds it
    /// to the start times that the container sees as well.
    /// </summary>
    public long BootOffsetNs { get; }

    /// <summary>Null when the process is gone.</summary>
    public static InitProcess? Open(CallerContext context, int pid, ref byte[] buffer)
    {
        int fd = context.Proc.OpenProcess(pid);
        if (fd < 0)
        {
            return null;
        }

        FileDescriptor directory = new(fd);
        int length = Host.KernelText.Read(fd, "stat\0"u8, ref buffer);
        if (length <= 0 || !ProcessStat.TryParse(buffer.AsSpan(0, length), out ProcessStat stat))
        {
            directory.Dispose();
            return null;
        }

        length = Host.KernelText.Read(fd, "status\0"u8, ref buffer);
        int depth = length > 0 ? ProcessStatus.Parse(buffer.AsSpan(0, length)).NamespaceDepth : 0;
        // The offsets are those of its children; they are its own where it is in another time namespace than we are.
        bool ownTime = ProcessDirectory.NamespaceAt(fd, "ns/time\0"u8) is var time && time != 0 && time != context.HostTimeNamespace;
        length = ownTime ? Host.KernelText.Read(fd, "timens_offsets\0"u8, ref buffer) : 0;
        long bootOffset = length > 0 ? TimeOffsets.BootNs(buffer.AsSpan(0, length)) : 0;
        return new InitProcess(directory, pid, stat.StartNs, depth, bootOffset);
    }

    /// <summary>One look-up through the held directory; no path, and no file read.</summary>
    public bool IsAlive()
    {
        bool isHeld = TryHold();
        bool isAlive = isHeld && ProcessDirectory.IsAlive(_directory.Number);
        LetGo(isHeld);
        return isAlive;
    }

    /// <summary>A file of its directory (name ends in NUL), read whole into the buffer; false when the process is gone.</summary>
    public bool TryRead(ReadOnlySpan<byte> name, ref byte[] buffer, out ReadOnlySpan<byte> text)
    {
        bool isHeld = TryHold();
        int length = isHeld ? Host.KernelText.Read(_directory.Number, name, ref buffer) : -1;
        LetGo(isHeld);
        text = length > 0 ? buffer.AsSpan(0, length) : default;
        return length > 0;
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>False: another worker has just found it gone and dropped it.</summary>
    private bool TryHold()
    {
        try
        {
            bool isHeld = false;
            _directory.DangerousAddRef(ref isHeld);
            return isHeld;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private void LetGo(bool isHeld)
    {
        if (isHeld)
        {
            _directory.DangerousRelease();
        }
    }
}
