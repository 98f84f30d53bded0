namespace ProcFs.Hook.Control;

/// <summary>One packet from the daemon.</summary>
public sealed record ControlAnswer
{
    /// <summary>Why it was not done, in one sentence; null: it was done.</summary>
    public string? Error { get; init; }

    /// <summary>The number of the container that was registered; 0: none was.</summary>
    public ulong Container { get; init; }

    /// <summary>The private mount; empty after UNREGISTER.</summary>
    public string Mount { get; init; } = "";

    /// <summary>The device minor of the connection that is served now; 0 after UNREGISTER.</summary>
    public uint Minor { get; init; }

    /// <summary>What containers get unless they choose: files that are served, as "proc/meminfo", and directories that are attached as a whole.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Files in such directories, which can be chosen one by one.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>Whether a name can be attached.</summary>
    public bool Serves(string file) => Files.Contains(file) || Parts.Contains(file);

    /// <summary>The directory with the files of the container that was registered, or with the common ones.</summary>
    public string SourceDirectory => Container > 0 ? $"{Mount}/c/{Container}" : $"{Mount}/common";
}
