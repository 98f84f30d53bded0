using System.Buffers;
using System.Text;

namespace ProcFs.Fuzz.Engine;

/// <summary>What mutations put in: the troublemakers that every parser should meet, and the constants of the program itself.</summary>
internal static class Words
{
    public const string FileName = "words.txt";

    private static readonly SearchValues<byte> Printable = SearchValues.Create([.. Enumerable.Range(0x20, 0x5f).Select(character => (byte)character), (byte)'\n', (byte)'\t', 0]);

    /// <summary>Numbers at the edges of what fits, signs, separators, bytes that are no text.</summary>
    public static IReadOnlyList<byte[]> Troublemakers { get; } =
    [
        .. new[]
        {
            "0", "1", "-1", "2147483647", "2147483648", "4294967295", "4294967296", "9007199254740993", "9223372036854774", "9223372036854771712", "9223372036854775807",
            "9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999", "00000000000000000001", "0.00", "1e308", "1e400", "-0", "0x7f", "+1",
            "max", "max 100000", "-", "\n", "\n\n", "\0", " ", "\t", ":", "=", ",", "/", "../", "//", " (deleted)", "Total", "0-4294967295", "0-8191", "8191", "\\777", "\\000", "\\040",
            "\"", "\\", "\\u0000", "\\ud800", "\\udc00\\ud800", "{", "}", "[", "]", "null", "true", "\r\n", "%s", "\u00e9", "\u202e", "proc/meminfo", "common", "c", "cpu0", "cpu65534", "cpu65535",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff, 0xfe], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ];

    /// <summary>Those of the instrumented program; none where it is not.</summary>
    public static IReadOnlyList<byte[]> OfProgram()
    {
        string path = Path.Combine(AppContext.BaseDirectory, FileName);
        return File.Exists(path) ? [.. File.ReadAllLines(path).Select(line => Encoding.UTF8.GetBytes(Uri.UnescapeDataString(line)))] : [];
    }

    /// <summary>Takes a constant, if it is a word.</summary>
    public static void Add(ISet<string> words, ReadOnlySpan<byte> constant)
    {
        constant = constant.TrimEnd((byte)0);
        if (constant.Length is > 1 and <= 32 && !constant.ContainsAnyExcept(Printable))
        {
            words.Add(Encoding.ASCII.GetString(constant));
        }
    }
}
