namespace ProcFs.Tests.Support;

/// <summary>Looks for exact lines in a text.</summary>
internal static class Lines
{
    /// <summary>Every expected line is there, to the letter, and in this order.</summary>
    public static void AssertIn(string text, string expected)
    {
        string[] lines = text.Split('\n');
        int from = 0;
        foreach (string line in expected.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int found = Array.IndexOf(lines, line, from);
            Assert.True(found >= 0, $"no line \"{line}\" where it is expected in\n{text}");
            from = found + 1;
        }
    }

    /// <summary>The number of a meminfo line.</summary>
    public static long Meminfo(string text, string label)
    {
        string line = Array.Find(text.Split('\n'), line => line.StartsWith(label + ":", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"no {label} in\n{text}");
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The numbers of a line of /proc/stat.</summary>
    public static long[] Stat(string text, string key)
    {
        string line = Array.Find(text.Split('\n'), line => line.StartsWith(key + " ", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"no {key} in\n{text}");
        return [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(word => long.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
