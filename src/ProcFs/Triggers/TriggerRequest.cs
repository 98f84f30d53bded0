using System.Globalization;
using System.Text;
using ProcFs.Text;

namespace ProcFs.Triggers;

/// <summary>
/// What a program writes to a pressure file to be told of a stall (psi.rst): "some 150000 1000000". Told once in each window in which the
/// time lost grows by the threshold.
/// </summary>
/// <param name="IsFull">"full": all tasks were waiting at once; else "some": one was.</param>
/// <param name="ThresholdUs">In µs, 1 to the window.</param>
/// <param name="WindowUs">In µs, 1 to 10 s. Before Linux 6.4 the kernel wants 500 ms at the least.</param>
internal readonly record struct TriggerRequest(bool IsFull, int ThresholdUs, int WindowUs)
{
    public const int LongestWindowUs = 10_000_000;

    /// <summary>What anybody may have is a multiple of the time by which the kernel averages; to watch closer costs the host CPU time.</summary>
    private const int FreeWindowUs = 2_000_000;

    /// <summary>Whether only a program with CAP_SYS_RESOURCE may have it.</summary>
    public bool NeedsPrivilege => WindowUs % FreeWindowUs != 0;

    /// <summary>Whether the kernel could have accepted it: for what was read back from a file.</summary>
    public bool IsPossible => WindowUs is > 0 and <= LongestWindowUs && ThresholdUs > 0 && ThresholdUs <= WindowUs;

    /// <summary>
    /// Reads what was written: it ends at the first NUL, or at the end of the line. Unlike the kernel, which stops reading there, this wants
    /// nothing behind the numbers, and no number that would wrap.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out TriggerRequest request)
    {
        request = default;
        int end = text.IndexOf((byte)0);
        text = (end < 0 ? text : text[..end]).TrimEnd(" \t\n"u8);
        bool isFull = text.StartsWith("full"u8);
        if (!isFull && !text.StartsWith("some"u8))
        {
            return false;
        }

        text = text["some"u8.Length..];
        if (!TryReadNumber(ref text, out int threshold) || !TryReadNumber(ref text, out int window) || !text.IsEmpty)
        {
            return false;
        }

        request = new TriggerRequest(isFull, threshold, window);
        return request.IsPossible;
    }

    /// <summary>As the kernel wants it, with NUL.</summary>
    public byte[] Format() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(IsFull ? "full" : "some")} {ThresholdUs} {WindowUs}\0"));

    /// <summary>A number with blanks before it.</summary>
    private static bool TryReadNumber(ref ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        ReadOnlySpan<byte> rest = text.TrimStart(" \t"u8);
        int length = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        length = length < 0 ? rest.Length : length;
        if (rest.Length == text.Length || !NumberText.TryParse(rest[..length], out long value) || value > LongestWindowUs)
        {
            return false;
        }

        number = (int)value;
        text = rest[length..];
        return true;
    }
}
