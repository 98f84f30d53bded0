using ProcFs.Hook.Attaching;
using ProcFs.Interop;
using ProcFs.Mountinfo;
using ProcFs.Text;

namespace ProcFs.Metrics;

/// <summary>
/// Looks which mounts of ours a container has, by its mountinfo in the host's procfs alone: nothing in the container is opened, so that nothing in it can
/// make us wait. For one thread.
/// </summary>
/// <param name="procRoot">The host's procfs.</param>
/// <param name="own">By what mounts are known as ours.</param>
internal sealed class ContainerMounts(string procRoot, OwnMounts own)
{
    /// <summary>A container decides how many mounts it has, and not how long we read.</summary>
    private const int MostBytes = 1 << 20;

    private const int MostMounts = 512;

    private readonly byte[] _path = System.Text.Encoding.UTF8.GetBytes(procRoot);
    private byte[] _buffer = new byte[32 << 10];

    /// <summary>Counts those of a process's mount namespace; null when the process is gone, or has more mounts than are looked at.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="container">The number of the directory that its own files are of; 0: it has none.</param>
    public MountCounts? Look(int pid, out ulong container)
    {
        container = 0;
        int length = Read(pid);
        return length < 0 ? null : Count(_buffer.AsSpan(0, length), out container);
    }

    /// <summary>The same by the text.</summary>
    public MountCounts? Count(ReadOnlySpan<byte> mountinfo, out ulong container)
    {
        container = 0;
        Span<Found> found = stackalloc Found[MostMounts];
        int count = 0;
        while (MountInfoLine.TryReadNext(ref mountinfo, out MountInfoLine line))
        {
            if (!TryClassify(line, out Found one, out ulong number))
            {
                continue;
            }

            if (count == MostMounts)
            {
                return null;
            }

            container = number != 0 && one.Kind == Kind.Own ? number : container;
            found[count++] = one;
        }

        return Sum(found[..count]);
    }

    private static MountCounts Sum(ReadOnlySpan<Found> found)
    {
        MountCounts sum = default;
        foreach (Found one in found)
        {
            bool isCovered = false;
            foreach (Found other in found)
            {
                isCovered |= other.Parent == one.Id;
            }

            sum += isCovered ? default : one.Kind switch
            {
                Kind.Own => new MountCounts(1, 0, 0),
                Kind.Common => new MountCounts(0, 1, 0),
                _ => new MountCounts(0, 0, 1),
            };
        }

        return sum;
    }

    private bool TryClassify(in MountInfoLine line, out Found found, out ulong container)
    {
        found = default;
        container = 0;
        if (!line.Type.SequenceEqual("fuse.procfs"u8) || !line.Source.SequenceEqual("procfs"u8)
            || !line.Device.StartsWith("0:"u8) || !NumberText.TryParse(line.Device[2..], out int minor) || minor == 0
            || !TryParseRoot(line.Root, out container))
        {
            return false;
        }

        // A number alone may be another daemon's by now, whose files look like ours.
        bool isCurrent = (uint)minor == own.LiveMinor;
        bool isOurs = isCurrent || (line.MaxRead is > 0 and uint mark ? own.Marked.Contains(((uint)minor, mark)) : own.PastMinors.Contains((uint)minor));
        found = new Found(line.MountId, line.ParentId, !isCurrent ? Kind.Dead : container != 0 ? Kind.Own : Kind.Common);
        return isOurs;
    }

    /// <summary>"/common/proc/meminfo" or "/c/7/proc/meminfo"; the directories themselves are no files of a container.</summary>
    private static bool TryParseRoot(ReadOnlySpan<byte> root, out ulong container)
    {
        container = 0;
        if (root.StartsWith("/common/"u8))
        {
            return true;
        }

        if (!root.StartsWith("/c/"u8))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = root["/c/"u8.Length..];
        int slash = rest.IndexOf((byte)'/');
        bool isNumber = slash > 0 && NumberText.TryParse(rest[..slash], out long number) && (container = (ulong)number) > 0;
        return isNumber;
    }

    /// <summary>How much is in the buffer; -1: it could not be read, or not all of it.</summary>
    private int Read(int pid)
    {
        Span<byte> path = stackalloc byte[_path.Length + 32];
        _path.CopyTo(path);
        path[_path.Length] = (byte)'/';
        System.Buffers.Text.Utf8Formatter.TryFormat(pid, path[(_path.Length + 1)..], out int digits);
        "/mountinfo\0"u8.CopyTo(path[(_path.Length + 1 + digits)..]);
        // Without an object for each: there may be a thousand.
        int file = Libc.OpenAt(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file < 0)
        {
            return -1;
        }

        int length = ReadAll(file);
        _ = Libc.Close(file);
        return length;
    }

    private int ReadAll(int file)
    {
        int length = 0;
        nint count;
        while ((count = Libc.Read(file, _buffer.AsSpan(length))) > 0)
        {
            length += (int)count;
            if (length == MostBytes)
            {
                return -1;
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(2 * length, MostBytes));
            }
        }

        return count == 0 ? length : -1;
    }

    private enum Kind : byte
    {
        Own,
        Common,
        Dead,
    }

    private readonly record struct Found(uint Id, uint Parent, Kind Kind);
}
