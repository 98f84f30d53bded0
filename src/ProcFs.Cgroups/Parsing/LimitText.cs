namespace ProcFs.Cgroups.Parsing;

/// <summary>Limits in bytes, in the two dialects.</summary>
internal static class LimitText
{
    /// <summary>
    /// v1 counts in pages: "no limit" is the largest number of whole pages, 9223372036854771712 with pages of 4 KiB, less with larger
    /// ones. Nothing from here on is a limit anybody sets.
    /// </summary>
    public const long V1NoLimit = 1L << 62;

    /// <summary>v2: <c>max</c> or bytes; null is no limit. False when it is neither.</summary>
    public static bool TryParseV2(ReadOnlySpan<byte> text, out long? limit)
    {
        text = NumberText.TrimBlanks(text);
        limit = null;
        if (text.SequenceEqual("max"u8))
        {
            return true;
        }

        bool ok = NumberText.TryParse(text, out long bytes);
        limit = ok ? bytes : null;
        return ok;
    }

    /// <summary>v1: bytes; null is no limit. False when it is no number.</summary>
    public static bool TryParseV1(ReadOnlySpan<byte> text, out long? limit)
    {
        bool ok = NumberText.TryParseLine(text, out long bytes);
        limit = ok ? FromV1(bytes) : null;
        return ok;
    }

    /// <summary>A v1 number as a limit; null is no limit (also for −1, a missing number).</summary>
    public static long? FromV1(long bytes) => bytes is >= 0 and < V1NoLimit ? bytes : null;
}
