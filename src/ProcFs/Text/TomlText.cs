namespace ProcFs.Text;

/// <summary>The little that is looked for in engines' TOML: values of a key, wherever it stands. What cannot be understood has none.</summary>
internal static class TomlText
{
    /// <summary>The quoted texts of each assignment to a key: one, or those of an array, over several lines.</summary>
    public static IEnumerable<string> StringsOf(string text, string key)
    {
        string plain = WithoutComments(text);
        foreach (string line in Assignments(plain, key))
        {
            string[] parts = line.Split('"', '\'');
            for (int i = 1; i < parts.Length; i += 2)
            {
                yield return parts[i];
            }
        }
    }

    /// <summary>The texts of the array that a key has; null: it is not said, which is not the same as an empty one.</summary>
    public static IReadOnlyList<string>? ListOf(string text, string key) => Assignments(WithoutComments(text), key).Any() ? [.. StringsOf(text, key)] : null;

    /// <summary>What stands behind the sign of equality: the line, or all up to the bracket.</summary>
    private static IEnumerable<string> Assignments(string text, string key)
    {
        int at = 0;
        while (at < text.Length)
        {
            int end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            string line = text[at..end];
            int sign = line.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0 && line[..sign].Split('.')[^1].Trim().Trim('"') == key)
            {
                string value = line[(sign + 1)..].Trim();
                if (value.StartsWith('[') && !value.Contains(']', StringComparison.Ordinal))
                {
                    int close = text.IndexOf(']', end);
                    end = close < 0 ? text.Length : close;
                    value = text[(at + sign + 1)..end];
                }

                yield return value;
            }

            at = end + 1;
        }
    }

    /// <summary>A # in quotes begins none.</summary>
    private static string WithoutComments(string text) => string.Join('\n', text.Split('\n').Select(line =>
    {
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '#' && quote == '\0')
            {
                return line[..i];
            }

            quote = quote == '\0' && line[i] is '"' or '\'' ? line[i] : line[i] == quote ? '\0' : quote;
        }

        return line;
    }));
}
