using ProcFs.Text;

namespace ProcFs.Node;

/// <summary>
/// CRI-O's <c>hooks_dir</c>: the directories that it takes hooks from. A list in a file replaces that of the files before it (crio.conf.d(5)), so ours has all
/// that the node's own files say, and our directory behind.
/// </summary>
internal sealed class CrioHooksDir(NodePlaces places)
{
    /// <summary>Where the hook file is: writable on nodes whose /usr is not.</summary>
    public const string Ours = "/etc/containers/oci/hooks.d";

    /// <summary>The name is behind those that distributions and vendors give theirs.</summary>
    public const string DropIn = "/etc/crio/crio.conf.d/99-procfs.conf";

    private const string Default = "/usr/share/containers/oci/hooks.d";
    private const string Key = "hooks_dir";
    private const string Marker = "# Installed by procfs node";
    private const string Main = "/etc/crio/crio.conf";

    /// <summary>What the drop-in is to say; null: none is needed.</summary>
    public string? Wanted()
    {
        IReadOnlyList<string> said = Counting(out _) ?? [Default];
        return Has(said) || IsTaken ? null : $"{Marker}, which writes it anew: {Key} as the other files have it, and the directory of its hook.\n[crio.runtime]\n{Key} = [\n{string.Concat(said.Append(Ours).Select(directory => $"  \"{directory}\",\n"))}]\n";
    }

    /// <summary>A file of somebody else that leaves our directory out and keeps ours from saying it: it comes later, or has its name; null: there is none.</summary>
    public string? OverruledBy()
    {
        return Has(Counting(out string? path) ?? [Default]) ? null : IsTaken ? DropIn : path is not null && string.CompareOrdinal(path, DropIn) > 0 ? path : null;
    }

    /// <summary>Whether the drop-in was written by us, in whatever version.</summary>
    public static bool IsOurs(string text) => text.Length == 0 || text.StartsWith(Marker, StringComparison.Ordinal);

    private bool IsTaken => NodeFile.Read(places.On(DropIn)) is { } text && !IsOurs(text);

    /// <summary>What the last file says that names it, but for ours, in CRI-O's order; null: none does. CRI-O reads all that is in that directory, whatever its name ends with.</summary>
    private IReadOnlyList<string>? Counting(out string? path)
    {
        IReadOnlyList<string>? counting = null;
        path = null;
        string directory = Path.GetDirectoryName(DropIn)!;
        foreach (string next in NodeFile.FilesIn(places.On(directory)).Order(StringComparer.Ordinal).Select(file => $"{directory}/{Path.GetFileName(file)}").Prepend(Main))
        {
            if (NodeFile.Read(places.On(next)) is { } text && !(next == DropIn && IsOurs(text)) && TomlText.ListOf(text, Key) is { } directories)
            {
                (path, counting) = (next, directories);
            }
        }

        return counting;
    }

    private static bool Has(IReadOnlyList<string> directories) => directories.Any(directory => directory.TrimEnd('/') == Ours);
}
