namespace ProcFs.Cgroups.Parsing;

/// <summary>Numbers with blanks between: cpuacct.usage_percpu.</summary>
internal static class NumberListText
{
    /// <summary>Fills the list; empty and false when one of them is no number (a position must not shift).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, ReusedList<long> numbers)
    {
        numbers.Clear();
        text = NumberText.TrimBlanks(text);
        while (TextLines.TryReadWord(ref text, out ReadOnlySpan<byte> word))
        {
            if (!NumberText.TryParse(word, out long number))
            {
                numbers.Clear();
                return false;
            }

            numbers.Add(number);
        }

        return true;
    }
}
