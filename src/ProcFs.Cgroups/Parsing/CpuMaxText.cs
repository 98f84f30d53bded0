namespace ProcFs.Cgroups.Parsing;

/// <summary>cpu.max of v2: <c>quota period</c> in microseconds, <c>max</c> for no quota.</summary>
internal static class CpuMaxText
{
    /// <summary>False when the text is not of this form. A null quota is no limit; so is zero, which would be no CPU at all.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out CpuQuota? quota)
    {
        quota = null;
        text = NumberText.TrimBlanks(text);
        if (!TextLines.TryReadWord(ref text, out ReadOnlySpan<byte> first))
        {
            return false;
        }

        if (first.SequenceEqual("max"u8))
        {
            return true;
        }

        if (!NumberText.TryParse(first, out long quotaUsec)
            || !NumberText.TryParseLine(text, out long periodUsec)
            || periodUsec == 0)
        {
            return false;
        }

        quota = quotaUsec == 0 ? null : new CpuQuota(quotaUsec, periodUsec);
        return true;
    }
}
