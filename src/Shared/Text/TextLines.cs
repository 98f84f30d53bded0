namespace ProcFs.Text;

/// <summary>Takes kernel text apart: lines, words with blanks or tabs between. Hostile text gives false or zero, never an exception.</summary>
internal static class TextLines
{
    /// <summary>Takes the next line, without its newline, off the text; false at the end. A last line without newline counts.</summary>
    public static bool TryReadLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
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

    /// <summary>Takes the next word off the line; false when only blanks are left.</summary>
    public static bool TryReadWord(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word)
    {
        word = NextField(ref line);
        return !word.IsEmpty;
    }

    /// <summary>The same for those who know how many there are; empty at the end.</summary>
    public static ReadOnlySpan<byte> NextField(scoped ref ReadOnlySpan<byte> line)
    {
        int start = line.IndexOfAnyExcept((byte)' ', (byte)'\t');
        line = start < 0 ? default : line[start..];
        int end = line.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> field = end < 0 ? line : line[..end];
        line = line[field.Length..];
        return field;
    }

    /// <summary>Takes the next word off the line as a number; zero when it is none.</summary>
    public static long NextNumber(scoped ref ReadOnlySpan<byte> line) => NumberText.TryParse(NextField(ref line), out long number) ? number : 0;

    /// <summary>True when a list holds exactly this name.</summary>
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
