namespace ProcFs.Doctor;

/// <summary>What has engines set up: files that the package has for them, and lines that put theirs right.</summary>
internal static class EngineFiles
{
    private const string Packaged = "/usr/share/procfs";

    /// <summary>
    /// Where engines are told of this program, as patterns for a shell. What a removal leaves to its administrator is found by the same list: engine_files in packaging/functions.sh.
    /// </summary>
    public static IReadOnlyList<string> Patterns =>
    [
        $"{OciHooks.Default}/*.json", $"{OciHooks.Administrators}/*.json", Checks.DockerCheck.Configuration, .. ContainerdPlace.All.SelectMany(place => place.Patterns), $"{Checks.LxcCheck.Directory}/*.conf",
    ];

    /// <summary>For what would be written anew within a minute.</summary>
    public static Mend OfNode { get; } = Mend.Do("it is procfs node's: the pod of this node writes file and program anew; where there is none any more, take out what it wrote");

    /// <summary>A file that the package installed, to be copied; null: it is not there.</summary>
    public static string? Shipped(DoctorHost host, EngineFile file) => host.Files.Exists($"{Packaged}/{file.Name}") ? $"{Packaged}/{file.Name}" : null;

    /// <summary>Puts such a file in its place, where nothing is yet: a copy of the package's, or one that names the program that runs.</summary>
    /// <param name="host">Where to look.</param>
    /// <param name="file">Which.</param>
    /// <param name="place">Where the engine reads it.</param>
    /// <param name="then">What else has to be done, as a command with " &amp;&amp; " in front; or empty.</param>
    public static Mend Install(DoctorHost host, EngineFile file, string place, string then = "")
    {
        string? shipped = Shipped(host, file);
        return host.Files.Exists(place) ? Mend.Do($"put {(shipped is null ? string.Join(" and ", file.Lines(OwnCommands.ProgramPath)) : $"what {shipped} has")} into {place}, which is there already{InWords(then)}")
            : Mend.Run($"{(shipped is null ? Write(file.Lines(OwnCommands.ProgramPath), place) : $"install -D -m 644 {shipped} {ShellWord.Quote(place)}")}{then}");
    }

    /// <summary>A command that makes a file of these lines.</summary>
    public static string Write(IReadOnlyList<string> lines, string place)
        => $"mkdir -p {ShellWord.Quote(Path.GetDirectoryName(place)!)} && printf '%s\\n' {ShellWord.Join(lines)} >{ShellWord.Quote(place)}";

    /// <summary>A command that adds these lines to a file, whether its last one has an end or not.</summary>
    public static string Append(IReadOnlyList<string> lines, string place) => $"printf '%s\\n' '' {ShellWord.Join(lines)} >>{ShellWord.Quote(place)}";

    /// <summary>The files of the host that a pattern means: one path, or all with this end in a directory.</summary>
    public static IReadOnlyList<string> Matching(HostFiles files, string pattern)
    {
        int star = pattern.IndexOf("/*", StringComparison.Ordinal);
        return star >= 0 ? files.List(pattern[..star], pattern[(star + 2)..]) : files.Exists(pattern) ? [pattern] : [];
    }

    /// <summary>Writes another path in the place of one.</summary>
    /// <param name="host">Where the file is.</param>
    /// <param name="file">It names the old path.</param>
    /// <param name="oldPath">What is replaced. A name without a slash may stand for something else in the same file, and a path that is not there as it is (in JSON: \/) is not found.</param>
    /// <param name="newPath">What takes its place.</param>
    /// <param name="then">What else has to be done, as a command with " &amp;&amp; " in front; or empty.</param>
    public static Mend Exchange(DoctorHost host, string file, string oldPath, string newPath, string then = "")
        => oldPath.Contains('/', StringComparison.Ordinal) && host.Files.Read(file)?.Contains(oldPath, StringComparison.Ordinal) == true
            ? Mend.Run($"{OwnCall.Link(host, newPath)}{Replace(file, oldPath, newPath)}{then}")
            : Mend.Do($"write {newPath} into {file}, in the place of {oldPath}{InWords(then)}");

    /// <summary>What else has to be done, for people.</summary>
    public static string InWords(string then) => then.Replace(" && ", ", then ", StringComparison.Ordinal);

    /// <summary>Writes another path in the place of one, wherever a file has it in quotes or by itself: not where it is a part of a longer one.</summary>
    public static string Replace(string file, string oldPath, string newPath)
    {
        const string before = "(^|[^[:alnum:]/._-])", behind = "($|[^[:alnum:]/._-])";
        return $"sed -i -E {ShellWord.Quote($"s#{before}{Escape(oldPath, "\\.[]{}()*+?|^$#")}{behind}#\\1{Escape(newPath, "\\&#")}\\2#g")} {ShellWord.Quote(file)}";

        static string Escape(string text, string special) => string.Concat(text.Select(character => special.Contains(character, StringComparison.Ordinal) ? $"\\{character}" : character.ToString()));
    }
}
