namespace ProcFs.Containers;

/// <summary>Files that are switched off: they show the host's text, whoever reads. Immutable.</summary>
internal sealed class OffFiles
{
    /// <summary>In a list of names: all of them.</summary>
    public const string Every = "*";

    private readonly HashSet<string> _paths;
    private readonly bool _isEvery;

    private OffFiles(bool isEvery, HashSet<string> paths) => (_isEvery, _paths) = (isEvery, paths);

    /// <summary>Everything is on.</summary>
    public static OffFiles None { get; } = new(false, []);

    public bool IsNone => !_isEvery && _paths.Count == 0;

    /// <summary>"proc/meminfo" or "*"; what is not served has no effect.</summary>
    public IReadOnlyList<string> Names => _isEvery ? [Every] : [.. _paths.Order(StringComparer.Ordinal)];

    public static OffFiles Of(IReadOnlyCollection<string>? names)
        => names is null or { Count: 0 } ? None
        : names.Contains(Every) ? new OffFiles(true, [])
        : new OffFiles(false, new HashSet<string>(names, StringComparer.Ordinal));

    /// <summary>Whether a file is off by itself, or by its directory.</summary>
    /// <param name="path">As "proc/pressure/cpu".</param>
    public bool Contains(string path)
    {
        if (_isEvery || _paths.Contains(path))
        {
            return true;
        }

        // Asked at each read, and nearly always there is none.
        foreach (string other in _paths)
        {
            if (path.StartsWith(other, StringComparison.Ordinal) && path.Length > other.Length && path[other.Length] == '/')
            {
                return true;
            }
        }

        return false;
    }

    public OffFiles And(OffFiles more) => more.IsNone ? this : IsNone ? more : Of([.. Names, .. more.Names]);
}
