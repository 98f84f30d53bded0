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
        for (int number = 1; TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line); number++)
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
        BlockIoDevice device = default;
        bool haveDevice = false;
        bool haveNumbers = false;
        bool ok = true;
        while (TextLines.TryReadWord(ref line, out ReadOnlySpan<byte> word))
        {
            int equals = word.IndexOf((byte)'=');
            if (equals >= 0)
            {
                ok &= !haveDevice || TrySet(word[..equals], word[(equals + 1)..], ref device, ref haveNumbers);
            }
            else if (word.Contains((byte)':'))
            {
                // Some controllers add a bare word; only "n:n" starts a device.
                AddIf(haveNumbers, device, devices);
                haveNumbers = false;
                haveDevice = DeviceText.TryParse(word, out int major, out int minor);
                device = new BlockIoDevice { Major = major, Minor = minor };
                ok &= haveDevice;
            }
        }

        AddIf(haveNumbers, device, devices);
        return ok;
    }

    private static void AddIf(bool haveNumbers, in BlockIoDevice device, ReusedList<BlockIoDevice> devices)
    {
        if (haveNumbers)
        {
            devices.Add(device);
        }
    }

    /// <summary>Six keys are wanted, of the form <c>[rwd](bytes|ios)</c>. False when one of them has no readable number.</summary>
    private static bool TrySet(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, ref BlockIoDevice device, ref bool haveNumbers)
    {
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

        haveNumbers = true;
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
