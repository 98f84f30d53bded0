namespace ProcFs.Hook.Hooking;

/// <summary>Goes over a command line: "--name value" and "--name=value". No more than a hook needs, since it has 5 ms for everything.</summary>
internal sealed class Arguments(IReadOnlyList<string> words)
{
    private string? _attached;

    /// <summary>How many words were taken.</summary>
    public int Position { get; private set; }

    /// <summary>The first thing that is wrong, in words; null: nothing.</summary>
    public string? Defect { get; private set; }

    /// <summary>The next word, not taken yet; null at the end.</summary>
    public string? Next => Position < words.Count ? words[Position] : null;

    /// <summary>Takes the next word; of "--name=value" only the name.</summary>
    public string Take()
    {
        string word = words[Position++];
        int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
        _attached = equals < 0 ? null : word[(equals + 1)..];
        return equals < 0 ? word : word[..equals];
    }

    /// <summary>Takes the next word as it is.</summary>
    public string TakeWord() => words[Position++];

    /// <summary>The value of the option that was taken; empty, and a defect, when there is none.</summary>
    public string Value(string option)
    {
        string? value = _attached ?? (Position < words.Count ? words[Position++] : null);
        if (string.IsNullOrEmpty(value))
        {
            Refuse($"{option} needs a value");
        }

        return value ?? "";
    }

    /// <summary>The value that was written with "=" to an option that can do without; null: there is none.</summary>
    public string? ValueIfAttached() => _attached;

    /// <summary>A directory or file; made absolute, as the working directory is the runtime's choice.</summary>
    public string Path(string option)
    {
        string value = Value(option);
        return value.Length == 0 || value.Contains('\0', StringComparison.Ordinal) ? value : System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(value));
    }

    public void Refuse(string defect) => Defect ??= defect;
}
