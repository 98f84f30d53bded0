namespace ProcFs.Hook.Wrapping;

/// <summary>
/// What a runtime is called for, as far as it matters: runc and crun have options before the verb, the verb, and options of the verb. Both take options with one
/// hyphen or two, and values behind a blank or "=".
/// </summary>
/// <param name="Verb">"create", "start", "delete"; empty: there is none.</param>
/// <param name="Bundle">The bundle's directory, as it was given.</param>
/// <param name="HasOtherConfig">crun's --config: not the bundle's config.json is read.</param>
internal readonly record struct RuntimeCall(string Verb, string Bundle, bool HasOtherConfig)
{
    /// <summary>The options before the verb that take a value: of runc, crun and youki.</summary>
    private static readonly string[] WithValue = ["root", "log", "log-format", "log-level", "criu", "rootless", "cgroup-manager"];

    /// <summary>It makes a new container, of a bundle.</summary>
    public bool MakesContainer => Verb is "create" or "run" or "restore";

    public static RuntimeCall Parse(IReadOnlyList<string> words)
    {
        int position = 0;
        while (position < words.Count && words[position] is ['-', _, ..] option)
        {
            position += WithValue.Contains(option.TrimStart('-')) ? 2 : 1;
        }

        if (position >= words.Count)
        {
            return new RuntimeCall("", ".", false);
        }

        string bundle = ".";
        bool hasOtherConfig = false;
        for (int i = position + 1; i < words.Count && words[i] != "--"; i++)
        {
            if (Value(words, i, "bundle", 'b') is { } value)
            {
                bundle = value;
            }

            hasOtherConfig |= Value(words, i, "config", 'f') is not null;
        }

        return new RuntimeCall(words[position], bundle, hasOtherConfig);
    }

    /// <summary>The value of an option, when it stands there: "--bundle X", "--bundle=X", "-bundle X", "-b X", "-b=X", "-bX".</summary>
    private static string? Value(IReadOnlyList<string> words, int position, string name, char letter)
    {
        string word = words[position];
        if (word.Length < 2 || word[0] != '-')
        {
            return null;
        }

        string bare = word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word[1..];
        if (bare == name || bare == letter.ToString())
        {
            return position + 1 < words.Count ? words[position + 1] : null;
        }

        if (bare.StartsWith(name + "=", StringComparison.Ordinal))
        {
            return bare[(name.Length + 1)..];
        }

        bool isShort = word[1] == letter && !bare.StartsWith(name, StringComparison.Ordinal);
        return isShort ? bare[1..].TrimStart('=') : null;
    }
}
