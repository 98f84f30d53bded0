using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>Reads single facts out of the text of a /proc file.</summary>
internal static class ProcText
{
    /// <summary>The value of a line of meminfo, in KiB.</summary>
    public static long Kib(string meminfo, string key)
    {
        string line = meminfo.Split('\n').FirstOrDefault(l => l.StartsWith(key + ":", StringComparison.Ordinal))
            ?? throw new InvalidDataException($"no {key} in: {meminfo}");
        return long.Parse(line[(key.Length + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>The first word of every line: what a file has, without how much.</summary>
    public static IReadOnlyList<string> Keys(string text) => [.. Lines(text).Select(l => l.Split(' ', ':')[0])];

    public static IReadOnlyList<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The numbers of a line: all its words that are numbers.</summary>
    public static IReadOnlyList<long> Numbers(string line) =>
        [.. line.Split([' ', '\t', ':', '.'], StringSplitOptions.RemoveEmptyEntries)
            .Select(w => long.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : (long?)null).OfType<long>()];

    /// <summary>uptime's first number, in seconds.</summary>
    public static double Uptime(string text) => double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The values of one key in the blocks of cpuinfo, by block.</summary>
    public static IReadOnlyList<string> CpuinfoValues(string cpuinfo, string key) =>
        [.. Lines(cpuinfo).Where(l => l.Split(':')[0].Trim() == key).Select(l => l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())];
}
