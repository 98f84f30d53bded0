namespace ProcFs.Cgroups.Parsing;

/// <summary>What a line of a v1 blkio file counts.</summary>
internal enum BlkioOperation
{
    Read,
    Write,
    Discard,
    Total,
}

/// <summary>One device line of a v1 blkio file: <c>major:minor Read|Write|Sync|Async|Discard|Total n</c>.</summary>
internal readonly record struct BlkioLine(int Major, int Minor, BlkioOperation Operation, long Value);

/// <summary>The files blkio.* of v1 (cgroup-v1/blkio-controller.rst): device lines, then the sum over all devices, <c>Total n</c>.</summary>
internal static class BlkioText
{
    /// <summary>
    /// Takes the next line that counts something; false at the end. Sync and Async split the same requests in another way and are
    /// passed over, and so is the sum. A line that is not of this form sets <paramref name="bad"/> and is passed over.
    /// </summary>
    public static bool TryReadNext(ref ReadOnlySpan<byte> text, out BlkioLine result, ref bool bad)
    {
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (!TextLines.TryReadWord(ref line, out ReadOnlySpan<byte> device) || device.SequenceEqual("Total"u8))
            {
                continue;
            }

            if (!DeviceText.TryParse(device, out int major, out int minor)
                || !TextLines.TryReadWord(ref line, out ReadOnlySpan<byte> word)
                || !NumberText.TryParse(NumberText.TrimBlanks(line), out long value))
            {
                bad = true;
                continue;
            }

            if (TryOperation(word, out BlkioOperation operation))
            {
                result = new BlkioLine(major, minor, operation, value);
                return true;
            }
        }

        result = default;
        return false;
    }

    /// <summary>True when there is a line of a device: an idle file holds only the sum.</summary>
    public static bool HasDevice(ReadOnlySpan<byte> text)
    {
        bool bad = false;
        return TryReadNext(ref text, out _, ref bad);
    }

    private static bool TryOperation(ReadOnlySpan<byte> word, out BlkioOperation operation)
    {
        operation = word.SequenceEqual("Read"u8) ? BlkioOperation.Read
            : word.SequenceEqual("Write"u8) ? BlkioOperation.Write
            : word.SequenceEqual("Discard"u8) ? BlkioOperation.Discard
            : BlkioOperation.Total;
        return operation != BlkioOperation.Total || word.SequenceEqual("Total"u8);
    }
}
