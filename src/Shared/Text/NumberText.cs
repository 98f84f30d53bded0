namespace ProcFs.Text;

/// <summary>Decimal numbers of zero or more. Signs, overflow and trailing characters are no number, so nothing ever wraps.</summary>
internal static class NumberText
{
    /// <summary>The whole span must be digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            int number = digit - '0';
            if ((uint)number > 9 || value > (long.MaxValue - number) / 10)
            {
                value = 0;
                return false;
            }

            value = (value * 10) + number;
        }

        return !digits.IsEmpty;
    }

    /// <summary>The same for numbers that fit an int, e.g. pids and device numbers.</summary>
    public static bool TryParse(ReadOnlySpan<byte> digits, out int value)
    {
        bool ok = TryParse(digits, out long wide) && wide <= int.MaxValue;
        value = ok ? (int)wide : 0;
        return ok;
    }

    /// <summary>A file of one number: blanks and newlines around it are allowed.</summary>
    public static bool TryParseLine(ReadOnlySpan<byte> text, out long value) => TryParse(TrimBlanks(text), out value);

    /// <summary>Without blanks, tabs and newlines at both ends.</summary>
    public static ReadOnlySpan<byte> TrimBlanks(ReadOnlySpan<byte> text) => text.Trim(" \t\n"u8);
}
