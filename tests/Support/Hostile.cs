namespace ProcFs.Tests.Support;

/// <summary>Texts that no kernel writes.</summary>
internal static class Hostile
{
    /// <summary>How many mutations each parser must survive.</summary>
    public const int Mutations = 100_000;

    private static readonly byte[][] Splices =
    [
        "-"u8.ToArray(), "\n"u8.ToArray(), "\0"u8.ToArray(), " "u8.ToArray(), ":"u8.ToArray(), "="u8.ToArray(), ","u8.ToArray(), "99999999999999999999"u8.ToArray(),
        "-1"u8.ToArray(), "max"u8.ToArray(), "18446744073709551615"u8.ToArray(), "9223372036854775807"u8.ToArray(), "../"u8.ToArray(), " (deleted)"u8.ToArray(),
        "Total"u8.ToArray(), [0xff, 0xfe], "0-4294967295"u8.ToArray(), "\\777"u8.ToArray(), "\\000"u8.ToArray(),
    ];

    private static readonly byte[][] Numbers =
    [
        "0"u8.ToArray(), "2147483647"u8.ToArray(), "2147483648"u8.ToArray(), "4294967296"u8.ToArray(), "9007199254740993"u8.ToArray(),
        "9223372036854774"u8.ToArray(), "9223372036854775807"u8.ToArray(), "9223372036854775808"u8.ToArray(), "18446744073709551616"u8.ToArray(),
    ];

    /// <summary>Every prefix of every text, then the mutations, spread over the texts. A text that does not hold fails the test.</summary>
    public static void Attack(IReadOnlyCollection<byte[]> texts, int seed, Func<byte[], bool> holds, int mutations = Mutations)
    {
        Assert.NotEmpty(texts);
        int each = (mutations / texts.Count) + 1;
        foreach (byte[] text in texts)
        {
            foreach (byte[] hostile in PrefixesOf(text).Concat(MutationsOf(text, each, seed++)))
            {
                bool ok;
                try
                {
                    ok = holds(hostile);
                }
                catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
                {
                    throw new InvalidOperationException($"'{System.Text.Encoding.Latin1.GetString(hostile)}'", exception);
                }

                Assert.True(ok, $"'{System.Text.Encoding.Latin1.GetString(hostile)}'");
            }
        }
    }

    /// <summary>True when the number is written in the text, digit for digit: a number that wrapped or was made up is not.</summary>
    public static bool IsSaid(long number, ReadOnlySpan<byte> text)
    {
        Span<byte> digits = stackalloc byte[20];
        return number >= 0 && System.Buffers.Text.Utf8Formatter.TryFormat(number, digits, out int length) && text.IndexOf(digits[..length]) >= 0;
    }

    public static IEnumerable<byte[]> PrefixesOf(byte[] text) => Enumerable.Range(0, text.Length + 1).Select(length => text[..length]);

    /// <summary>One to four changes each: a bit or a digit changed, bytes removed, repeated, or one of the known troublemakers put in.</summary>
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
        switch (random.Next(7))
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
            case 4:
                ChangeNumber(bytes, at, random);
                break;
            case 5:
                bytes[at] = "0123456789- \t\n"u8[random.Next(14)];
                break;
            default:
                bytes.InsertRange(at, Splices[random.Next(Splices.Length)]);
                break;
        }
    }

    /// <summary>The next number gets one more digit, many more, or is replaced as a whole by one at the edge of what fits.</summary>
    private static void ChangeNumber(List<byte> bytes, int at, Random random)
    {
        int start = bytes.FindIndex(at, IsDigit);
        if (start < 0)
        {
            return;
        }

        int kind = random.Next(4);
        if (kind < 2)
        {
            int end = bytes.FindIndex(start, character => !IsDigit(character));
            bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
            bytes.InsertRange(start, Numbers[random.Next(Numbers.Length)]);
        }
        else
        {
            bytes.InsertRange(start, Enumerable.Repeat((byte)random.Next('0', '9' + 1), kind == 2 ? 20 : 1));
        }
    }

    private static bool IsDigit(byte character) => character is >= (byte)'0' and <= (byte)'9';
}
