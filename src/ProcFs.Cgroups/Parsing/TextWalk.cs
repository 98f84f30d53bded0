namespace ProcFs.Cgroups.Parsing;

/// <summary>Takes lines and words off a span.</summary>
internal static class TextWalk
{
    /// <summary>The next line without its newline; false at the end. A last line without newline counts.</summary>
    public static bool TryTakeLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        if (text.IsEmpty)
        {
            line = default;
            return false;
        }

        int end = text.IndexOf((byte)'\n');
        line = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return true;
    }

    /// <summary>The next word of a line, blanks and tabs (any number) between; false when only blanks are left.</summary>
    public static bool TryTakeWord(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word)
    {
        int start = line.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (start < 0)
        {
            word = line = default;
            return false;
        }

        line = line[start..];
        int end = line.IndexOfAny((byte)' ', (byte)'\t');
        word = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[end..];
        return true;
    }

    /// <summary>True when a comma-separated list holds exactly this name.</summary>
    public static bool ListContains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> name, byte separator = (byte)',')
    {
        while (!list.IsEmpty)
        {
            int end = list.IndexOf(separator);
            ReadOnlySpan<byte> item = end < 0 ? list : list[..end];
            list = end < 0 ? default : list[(end + 1)..];
            if (item.SequenceEqual(name))
            {
                return !name.IsEmpty;
            }
        }

        return false;
    }
}
