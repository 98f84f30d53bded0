namespace ProcFs.Cgroups.Parsing;

/// <summary>The size in the names of hugetlb files: <c>64KB</c>, <c>2MB</c>, <c>1GB</c> (cgroup-v1/hugetlb.rst).</summary>
internal static class HugePageSizeText
{
    /// <summary>Bytes; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long bytes)
    {
        bytes = 0;
        int shift = text.EndsWith("KB"u8) ? 10 : text.EndsWith("MB"u8) ? 20 : text.EndsWith("GB"u8) ? 30 : 0;
        if (shift == 0 || !NumberText.TryParse(text[..^2], out long number) || number == 0 || number > long.MaxValue >> shift)
        {
            return false;
        }

        bytes = number << shift;
        return true;
    }
}
