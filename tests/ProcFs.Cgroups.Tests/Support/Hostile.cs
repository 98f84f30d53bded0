namespace ProcFs.Cgroups.Tests.Support;

/// <summary>Texts that no kernel writes.</summary>
internal static class Hostile
{
    private static readonly byte[][] Splices =
    [
        "-"u8.ToArray(), "\n"u8.ToArray(), "\0"u8.ToArray(), " "u8.ToArray(), ":"u8.ToArray(), "="u8.ToArray(), ","u8.ToArray(), "99999999999999999999"u8.ToArray(),
        "-1"u8.ToArray(), "max"u8.ToArray(), "18446744073709551615"u8.ToArray(), "9223372036854775807"u8.ToArray(), "../"u8.ToArray(), " (deleted)"u8.ToArray(),
        "Total"u8.ToArray(), [0xff, 0xfe], "0-4294967295"u8.ToArray(),
    ];

    public static IEnumerable<byte[]> PrefixesOf(byte[] text) => Enumerable.Range(0, text.Length + 1).Select(length => text[..length]);

    /// <summary>One to four changes each: a bit flipped, bytes removed, repeated, or one of the known troublemakers put in.</summary>
    public static IEnumerable<byte[]> MutationsOf(byte[] text, int count, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            List<byte> bytes = [.. text];
            for (int changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
            {
                Change(bytes, random);
            }

            yield return [.. bytes];
        }
    }

    private static void Change(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count);
        int length = Math.Min(random.Next(1, 12), bytes.Count - at);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 3:
                bytes[at] = (byte)random.Next(256);
                break;
            default:
                bytes.InsertRange(at, Splices[random.Next(Splices.Length)]);
                break;
        }
    }
}
