using System.Buffers.Text;
using ProcFs.Text;

namespace ProcFs.Containers;

/// <summary>/proc/pid/timens_offsets (time_namespaces(7)): lines "clock seconds nanoseconds".</summary>
internal static class TimeOffsets
{
    /// <summary>The offset of the boot-time clock in ns; zero when there is none, or the text is not of this form.</summary>
    public static long BootNs(ReadOnlySpan<byte> text)
    {
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (TextLines.NextField(ref line).SequenceEqual("boottime"u8)
                && TryNumber(TextLines.NextField(ref line), out long seconds) && Math.Abs(seconds) <= long.MaxValue / 2_000_000_000
                && NumberText.TryParse(TextLines.NextField(ref line), out long nanoseconds) && nanoseconds < 1_000_000_000)
            {
                return (seconds * 1_000_000_000) + nanoseconds;
            }
        }

        return 0;
    }

    private static bool TryNumber(ReadOnlySpan<byte> field, out long number)
        => Utf8Parser.TryParse(field, out number, out int used) && used == field.Length && number != long.MinValue;
}
