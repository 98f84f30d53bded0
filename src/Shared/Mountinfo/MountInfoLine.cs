using System.Globalization;

namespace ProcFs.Mountinfo;

/// <summary>
/// One line of /proc/pid/mountinfo as slices of it, numbered as in proc(5):
/// (1) mount ID (2) parent ID (3) major:minor (4) root (5) mount point (6) mount options (7) optional fields, each
/// "tag[:value]" (8) separator "-" (9) filesystem type (10) mount source (11) super options.
/// Blanks, tabs, newlines and backslashes in a field are octal escapes: see <see cref="Unescape"/>.
/// </summary>
internal readonly ref struct MountInfoLine
{
    private MountInfoLine(uint mountId, uint parentId, ReadOnlySpan<byte> device, ReadOnlySpan<byte> root, ReadOnlySpan<byte> mountPoint,
        ReadOnlySpan<byte> optionalFields, ReadOnlySpan<byte> type, ReadOnlySpan<byte> source, ReadOnlySpan<byte> superOptions)
    {
        MountId = mountId;
        ParentId = parentId;
        OptionalFields = optionalFields;
        Device = device;
        Root = root;
        MountPoint = mountPoint;
        Type = type;
        Source = source;
        SuperOptions = superOptions;
    }

    /// <summary>(1) Unique among the mounts that exist; given again when nothing holds the mount any more.</summary>
    public uint MountId { get; }

    /// <summary>(2) The mount that this one lies on.</summary>
    public uint ParentId { get; }

    /// <summary>(3) "major:minor" of st_dev; the minor names a FUSE connection in fusectl.</summary>
    public ReadOnlySpan<byte> Device { get; }

    /// <summary>(4) The directory of the filesystem that forms the root of this mount. Escaped.</summary>
    public ReadOnlySpan<byte> Root { get; }

    /// <summary>(5) Relative to the reader's root. Escaped.</summary>
    public ReadOnlySpan<byte> MountPoint { get; }

    /// <summary>(7) With blanks between: "shared:N" (peer group), "master:N", "propagate_from:N", "unbindable".</summary>
    public ReadOnlySpan<byte> OptionalFields { get; }

    /// <summary>(9) "type" or "type.subtype".</summary>
    public ReadOnlySpan<byte> Type { get; }

    /// <summary>(10) Escaped.</summary>
    public ReadOnlySpan<byte> Source { get; }

    /// <summary>(11) Comma-separated; for cgroup v1 the controllers are among them.</summary>
    public ReadOnlySpan<byte> SuperOptions { get; }

    /// <summary>The value of "max_read=" among the super options of a FUSE mount; 0: there is none.</summary>
    public uint MaxRead
    {
        get
        {
            ReadOnlySpan<byte> name = "max_read="u8;
            foreach (Range part in SuperOptions.Split((byte)','))
            {
                ReadOnlySpan<byte> option = SuperOptions[part];
                if (option.StartsWith(name))
                {
                    return uint.TryParse(option[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out uint value) ? value : 0;
                }
            }

            return 0;
        }
    }

    /// <summary>The value of "context=" among the super options, the SELinux label of all files of the mount, without its quotes; empty: there is none.</summary>
    public ReadOnlySpan<byte> Context
    {
        get
        {
            ReadOnlySpan<byte> rest = SuperOptions;
            while (!rest.IsEmpty)
            {
                ReadOnlySpan<byte> option = NextOption(ref rest);
                ReadOnlySpan<byte> name = "context="u8;
                if (option.StartsWith(name))
                {
                    return option[name.Length..].Trim((byte)'"');
                }
            }

            return default;
        }
    }

    /// <summary>Takes the next line off <paramref name="text"/>; false at its end. A line that is not of this form is passed over.</summary>
    public static bool TryReadNext(scoped ref ReadOnlySpan<byte> text, out MountInfoLine line)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> current = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (TryParse(current, out line))
            {
                return true;
            }
        }

        line = default;
        return false;
    }

    /// <summary>Parses one line without its newline.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out MountInfoLine line)
    {
        line = default;
        if (!uint.TryParse(NextField(ref text), NumberStyles.None, CultureInfo.InvariantCulture, out uint mountId)      // (1)
            || !uint.TryParse(NextField(ref text), NumberStyles.None, CultureInfo.InvariantCulture, out uint parentId)) // (2)
        {
            return false;
        }

        ReadOnlySpan<byte> device = NextField(ref text);                 // (3)
        ReadOnlySpan<byte> root = NextField(ref text);                   // (4)
        ReadOnlySpan<byte> mountPoint = NextField(ref text);             // (5)
        ReadOnlySpan<byte> field = NextField(ref text);                  // (6)
        ReadOnlySpan<byte> optionalFields = text;                        // (7)
        field = NextField(ref text);
        while (!field.IsEmpty && !field.SequenceEqual("-"u8))            // (8)
        {
            field = NextField(ref text);
        }

        optionalFields = optionalFields[..^Math.Min(optionalFields.Length, text.Length + field.Length + 1)];

        ReadOnlySpan<byte> type = NextField(ref text);                   // (9)
        ReadOnlySpan<byte> source = NextField(ref text);                 // (10)
        ReadOnlySpan<byte> superOptions = NextField(ref text);           // (11)
        if (field.IsEmpty || type.IsEmpty)
        {
            return false;
        }

        line = new MountInfoLine(mountId, parentId, device, root, mountPoint, optionalFields, type, source, superOptions);
        return true;
    }

    /// <summary>Undoes the octal escapes (\040 for a blank) of a path field.</summary>
    public static string Unescape(ReadOnlySpan<byte> field)
    {
        byte[] plain = new byte[field.Length];
        int length = 0;
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == (byte)'\\' && i + 3 < field.Length && TryOctal(field.Slice(i + 1, 3), out byte value))
            {
                plain[length++] = value;
                i += 3;
            }
            else
            {
                plain[length++] = field[i];
            }
        }

        return System.Text.Encoding.UTF8.GetString(plain, 0, length);
    }

    private static bool TryOctal(ReadOnlySpan<byte> digits, out byte value)
    {
        int number = 0;
        foreach (byte digit in digits)
        {
            number = (number * 8) + (digit - '0');
            if (digit is < (byte)'0' or > (byte)'7')
            {
                value = 0;
                return false;
            }
        }

        value = (byte)number;
        return number <= byte.MaxValue;
    }

    /// <summary>A value with commas is in quotes.</summary>
    private static ReadOnlySpan<byte> NextOption(scoped ref ReadOnlySpan<byte> text)
    {
        bool isQuoted = false;
        int end = 0;
        while (end < text.Length && (isQuoted || text[end] != (byte)','))
        {
            isQuoted ^= text[end] == (byte)'"';
            end++;
        }

        ReadOnlySpan<byte> option = text[..end];
        text = text[Math.Min(text.Length, end + 1)..];
        return option;
    }

    private static ReadOnlySpan<byte> NextField(scoped ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> field = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return field;
    }
}
