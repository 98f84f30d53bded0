using System.Buffers.Text;

namespace ProcFs.Text;

/// <summary>Takes kernel text apart: lines, blank-separated fields, numbers. Hostile text gives false or zero, never an exception.</summary>
internal static class TextLines
{
    /// <summary>Takes the next line (without its newline) off the text; false at the end.</summary>
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

    /// <summary>Takes the next field, separated by blanks or tabs, off the line; empty at the end.</summary>
    public static ReadOnlySpan<byte> NextField(scoped ref ReadOnlySpan<byte> line)
    {
        int start = 0;
        while (start < line.Length && line[start] is (byte)' ' or (byte)'\t')
        {
            start++;
        }

        int end = start;
        while (end < line.Length && line[end] is not ((byte)' ' or (byte)'\t'))
        {
            end++;
        }

        ReadOnlySpan<byte> field = line[start..end];
        line = line[end..];
        return field;
    }

    /// <summary>The whole field as a number that is not negative and fits; false otherwise.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> field, out long number)
    {
        if (Utf8Parser.TryParse(field, out number, out int used) && used == field.Length && number >= 0)
        {
            return true;
        }

        number = 0;
        return false;
    }

    /// <summary>Takes the next field off the line as a number; zero when it is none.</summary>
    public static long NextNumber(scoped ref ReadOnlySpan<byte> line) => TryNumber(NextField(ref line), out long number) ? number : 0;
}
