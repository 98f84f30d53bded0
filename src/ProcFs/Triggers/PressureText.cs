using ProcFs.Text;

namespace ProcFs.Triggers;

/// <summary>The text of a pressure file: "some avg10=0.00 avg60=0.00 avg300=0.00 total=123" and the same with "full".</summary>
internal static class PressureText
{
    /// <summary>The time lost since the cgroup was made, in µs; null where the text does not tell.</summary>
    public static long? TotalOf(ReadOnlySpan<byte> text, bool isFull)
    {
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (!TextLines.NextField(ref line).SequenceEqual(isFull ? "full"u8 : "some"u8))
            {
                continue;
            }

            for (ReadOnlySpan<byte> field = TextLines.NextField(ref line); !field.IsEmpty; field = TextLines.NextField(ref line))
            {
                if (field.StartsWith("total="u8) && NumberText.TryParse(field["total="u8.Length..], out long total))
                {
                    return total;
                }
            }
        }

        return null;
    }
}
