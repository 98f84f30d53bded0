namespace ProcFs.Cgroups.Parsing;

/// <summary>Device numbers as <c>major:minor</c>, and finding a device's place in a list.</summary>
internal static class DeviceText
{
    /// <summary>The whole word must be two numbers with a colon between.</summary>
    public static bool TryParse(ReadOnlySpan<byte> word, out int major, out int minor)
    {
        int colon = word.IndexOf((byte)':');
        minor = 0;
        return NumberText.TryParse(colon < 0 ? default : word[..colon], out major) && NumberText.TryParse(word[(colon + 1)..], out minor);
    }

    /// <summary>The element of a device, appended when it is not there yet.</summary>
    public static ref BlockIoDevice Find(ReusedList<BlockIoDevice> devices, int major, int minor)
    {
        // Lines of one device follow each other, so the last element is the usual answer.
        for (int i = devices.Count - 1; i >= 0; i--)
        {
            if (devices.Items[i].Minor == minor && devices.Items[i].Major == major)
            {
                return ref devices.Items[i];
            }
        }

        ref BlockIoDevice device = ref devices.Add();
        device.Major = major;
        device.Minor = minor;
        return ref device;
    }
}
