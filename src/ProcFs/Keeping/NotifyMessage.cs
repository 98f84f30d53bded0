using System.Text;

namespace ProcFs.Keeping;

/// <summary>One message of sd_notify(3): lines of NAME=value.</summary>
/// <param name="Words">What it says.</param>
/// <param name="DescriptorName">FDNAME; "stored" without one, as systemd has it.</param>
internal readonly record struct NotifyMessage(NotifyWords Words, string DescriptorName)
{
    private const string DefaultName = "stored";
    private const int MaxNameLength = 255;

    /// <summary>Reads one. Lines that mean nothing here are skipped; a message with a NUL, or with a name that is none, says nothing at all.</summary>
    public static NotifyMessage Parse(ReadOnlySpan<byte> message)
    {
        NotifyWords words = NotifyWords.None;
        string name = DefaultName;
        if (message.Contains((byte)0))
        {
            return default;
        }

        foreach (Range range in message.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = message[range];
            words |= WordOf(line);
            if (line.StartsWith("FDNAME="u8))
            {
                ReadOnlySpan<byte> value = line["FDNAME=".Length..];
                if (!IsName(value))
                {
                    return default;
                }

                name = Encoding.ASCII.GetString(value);
            }
        }

        return new NotifyMessage(words, name);
    }

    private static NotifyWords WordOf(ReadOnlySpan<byte> line)
        => line.SequenceEqual("READY=1"u8) ? NotifyWords.Ready
            : line.SequenceEqual("WATCHDOG=1"u8) ? NotifyWords.Watchdog
            : line.SequenceEqual("FDSTORE=1"u8) ? NotifyWords.Store
            : line.SequenceEqual("FDSTOREREMOVE=1"u8) ? NotifyWords.Forget
            : line.SequenceEqual("BARRIER=1"u8) ? NotifyWords.Barrier
            : NotifyWords.None;

    /// <summary>Printable ASCII without the colon, which separates names in LISTEN_FDNAMES.</summary>
    private static bool IsName(ReadOnlySpan<byte> name)
        => name.Length is > 0 and <= MaxNameLength && !name.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !name.Contains((byte)':');
}
