namespace ProcFs.Cgroups.Parsing;

/// <summary>
/// io.stat of v2: lines of <c>major:minor key=value …</c>. A device without keys is left out; older kernels do not even end its line,
/// so a second device may follow in the same one.
/// </summary>
internal static class IoStatText
{
    /// <summary>Appends the devices. False when a number could not be read (<paramref name="badLine"/>, counted from 1).</summary>
    public static bool Parse(ReadOnlySpan<byte> text, ReusedList<BlockIoDevice> devices, out int badLine)
    {
        badLine = 0;
        for (int number = 1; TextWalk.TryTakeLine(ref text, out ReadOnlySpan<byte> line); number++)
        {
            if (!ParseLine(line, devices))
            {
                badLine = badLine == 0 ? number : badLine;
            }
        }

        return badLine == 0;
    }

    private static bool ParseLine(ReadOnlySpan<byte> line, ReusedList<BlockIoDevice> devices)
    {
        bool haveDevice = false;
        bool ok = true;
        int major = 0;
        int minor = 0;
        while (TextWalk.TryTakeWord(ref line, out ReadOnlySpan<byte> word))
        {
            int equals = word.IndexOf((byte)'=');
            if (equals < 0)
            {
                // Some controllers add a bare word; only "n:n" starts a device.
                if (word.Contains((byte)':'))
                {
                    haveDevice = DeviceText.TryParse(word, out major, out minor);
                    ok &= haveDevice;
                }

                continue;
            }

            ok &= !haveDevice || Set(word[..equals], word[(equals + 1)..], major, minor, devices);
        }

        return ok;
    }

    private static bool Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, int major, int minor, ReusedList<BlockIoDevice> devices)
    {
        // Six keys of the form [rwd](bytes|ios).
        bool bytes = key.EndsWith("bytes"u8) && key.Length == 6;
        bool ios = key.EndsWith("ios"u8) && key.Length == 4;
        if (!(bytes || ios) || key[0] is not ((byte)'r' or (byte)'w' or (byte)'d'))
        {
            return true;
        }

        if (!NumberText.TryParse(text, out long value))
        {
            return false;
        }

        ref BlockIoDevice device = ref DeviceText.Find(devices, major, minor);
        switch (key[0])
        {
            case (byte)'r' when bytes: device.ReadBytes = value; break;
            case (byte)'w' when bytes: device.WriteBytes = value; break;
            case (byte)'d' when bytes: device.DiscardBytes = value; break;
            case (byte)'r': device.Reads = value; break;
            case (byte)'w': device.Writes = value; break;
            default: device.Discards = value; break;
        }

        return true;
    }
}
