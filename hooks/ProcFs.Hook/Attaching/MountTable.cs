using System.Globalization;
using System.Text;
using ProcFs.Interop;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Attaching;

/// <summary>The mounts of one mount namespace, as its mountinfo had them at one moment. A container decides how many there are.</summary>
internal sealed class MountTable(ReadOnlyMemory<byte> text)
{
    /// <summary>fs.mount-max is 100000 lines.</summary>
    public const int MostBytes = 64 << 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The lines themselves.</summary>
    public ReadOnlySpan<byte> Text => text.Span;

    /// <summary>Reads mountinfo of a process or thread by its directory in procfs; null and why not.</summary>
    public static MountTable? Read(int processDirectory, out string? defect) => Read(processDirectory, MostBytes, new Deadline(Timeout), out defect);

    /// <summary>The same of one that may be as long as somebody likes.</summary>
    /// <param name="processDirectory">In procfs.</param>
    /// <param name="most">In bytes: a longer one is not read.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="defect">Why not.</param>
    public static MountTable? Read(int processDirectory, int most, Deadline deadline, out string? defect)
    {
        using FileDescriptor? file = FileDescriptor.OpenAt(processDirectory, "mountinfo\0"u8, Libc.O_RDONLY, out Errno error);
        byte[] buffer = new byte[16 << 10];
        int length = 0;
        while (file is not null)
        {
            nint count = Libc.Read(file.Number, buffer.AsSpan(length));
            if (count <= 0)
            {
                error = Libc.ErrorOf(count);
                break;
            }

            length += (int)count;
            if (length == most || deadline.HasPassed)
            {
                defect = length == most ? $"its mountinfo is longer than {most >> 20} MiB" : "reading its mountinfo took too long";
                return null;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(2 * length, most));
            }
        }

        defect = error == Errno.None ? null : $"cannot read its mountinfo: {Libc.Describe(error)}";
        return defect is null ? new MountTable(buffer.AsMemory(0, length)) : null;
    }

    /// <summary>The line of one mount; false when there is none, as for mounts of other namespaces.</summary>
    public bool TryFind(ulong mountId, out MountInfoLine line)
    {
        Span<byte> start = stackalloc byte[24];
        mountId.TryFormat(start, out int digits, default, CultureInfo.InvariantCulture);
        start[digits++] = (byte)' ';
        ReadOnlySpan<byte> rest = text.Span;
        while (!rest.IsEmpty)
        {
            if (rest.StartsWith(start[..digits]))
            {
                return MountInfoLine.TryReadNext(ref rest, out line) && line.MountId == mountId;
            }

            int end = rest.IndexOf((byte)'\n');
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        line = default;
        return false;
    }

    /// <summary>The peer group of a mount, "shared:N" in its optional fields: what is mounted on one of the group appears on all. Null: none.</summary>
    public static string? PeerGroupOf(in MountInfoLine line)
    {
        foreach (Range part in line.OptionalFields.Split((byte)' '))
        {
            if (line.OptionalFields[part].StartsWith("shared:"u8))
            {
                return Encoding.ASCII.GetString(line.OptionalFields[part]);
            }
        }

        return null;
    }

    /// <summary>Whether a mount of that peer group is here.</summary>
    public bool HasPeerGroup(string group)
    {
        ReadOnlySpan<byte> rest = text.Span;
        while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
        {
            if (PeerGroupOf(line) == group)
            {
                return true;
            }
        }

        return false;
    }
}
