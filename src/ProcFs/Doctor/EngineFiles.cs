namespace ProcFs.Doctor;

/// <summary>What has engines set up: files that the package has for them, and lines that put theirs right.</summary>
internal static class EngineFiles
{
    private const string Packaged = "/usr/share/procfs";

    /// <summary>A file that the package installed, to be copied; null: it is not there.</summary>
    /// <param name="host">Where to look.</param>
    /// <param name="name">As "hooks.d/50-procfs.json".</param>
    public static string? Shipped(DoctorHost host, string name) => host.Files.Exists($"{Packaged}/{name}") ? $"{Packaged}/{name}" : null;

    /// <summary>Copies such a file to its place, where nothing is yet; in words where the package is not installed.</summary>
    /// <param name="host">Where to look.</param>
    /// <param name="name">As for <see cref="Shipped"/>.</param>
    /// <param name="source">The same file in a checkout.</param>
    /// <param name="place">Where the engine reads it.</param>
    /// <param name="then">What else has to be said, as a command with " &amp;&amp; " in front; or empty.</param>
    public static Mend Install(DoctorHost host, string name, string source, string place, string then = "")
        => host.Files.Exists(place) ? Mend.Do($"put what {Shipped(host, name) ?? source} has into {place}, which is there already{(then.Length > 0 ? ", then" + then.Replace(" &&", "", StringComparison.Ordinal) : "")}")
            : Shipped(host, name) is { } shipped ? Mend.Run($"install -D -m 644 {shipped} {place}{then}")
            : Mend.Do($"install {source} as {place}{(then.Length > 0 ? ", then" + then.Replace(" &&", "", StringComparison.Ordinal) : "")}");

    /// <summary>Writes another path in the place of one, wherever a file has it in quotes or by itself.</summary>
    public static string Replace(string file, string oldPath, string newPath)
    {
        const string special = "\\.[]*^$#"; // of sed's patterns
        string pattern = string.Concat(oldPath.Select(character => special.Contains(character, StringComparison.Ordinal) ? $"\\{character}" : character.ToString()));
        return $"sed -i {ShellWord.Quote($"s#{pattern}#{newPath}#g")} {ShellWord.Quote(file)}";
    }
}
