namespace ProcFs.Cgroups.Parsing;

/// <summary>cpuset(7), "List format": numbers and ranges with commas between, <c>0-3,8</c>. Order and overlaps do not matter.</summary>
internal static class CpuSetText
{
    /// <summary>False when the text is not of this form or names a CPU above <paramref name="max"/>. Blank text: no CPU.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, int max, out int[] cpus)
    {
        cpus = [];
        text = NumberText.TrimBlanks(text);
        if (text.IsEmpty)
        {
            return true;
        }

        // One bit per CPU: what is kept is bounded by the largest number, however long the text is.
        Span<ulong> bits = new ulong[(max / 64) + 1];
        int count = 0;
        while (true)
        {
            int comma = text.IndexOf((byte)',');
            if (!TryParseRange(comma < 0 ? text : text[..comma], max, out int first, out int last))
            {
                return false;
            }

            for (int cpu = first; cpu <= last; cpu++)
            {
                count += (bits[cpu / 64] >> (cpu % 64) & 1) == 0 ? 1 : 0;
                bits[cpu / 64] |= 1UL << (cpu % 64);
            }

            if (comma < 0)
            {
                cpus = Collect(bits, count);
                return true;
            }

            text = text[(comma + 1)..];
        }
    }

    private static bool TryParseRange(ReadOnlySpan<byte> range, int max, out int first, out int last)
    {
        int dash = range.IndexOf((byte)'-');
        bool ok = NumberText.TryParse(dash < 0 ? range : range[..dash], out first);
        last = first;
        ok = ok && (dash < 0 || NumberText.TryParse(range[(dash + 1)..], out last));
        return ok && first <= last && last <= max;
    }

    private static int[] Collect(ReadOnlySpan<ulong> bits, int count)
    {
        int[] cpus = new int[count];
        int next = 0;
        for (int word = 0; word < bits.Length; word++)
        {
            for (ulong rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                cpus[next++] = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(rest);
            }
        }

        return cpus;
    }
}
