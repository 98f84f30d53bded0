namespace ProcFs.Cgroups;

/// <summary>One cgroup path for each hierarchy of a layout; null where there is none. Immutable, compared by value.</summary>
public sealed class CgroupPaths : IEquatable<CgroupPaths>
{
    private readonly string?[] _paths;
    private readonly int _hash;

    private CgroupPaths(CgroupLayout layout, string?[] paths)
    {
        Layout = layout;
        _paths = paths;
        HashCode hash = default;
        foreach (string? path in paths)
        {
            hash.Add(path, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>The hierarchies the paths belong to.</summary>
    public CgroupLayout Layout { get; }

    /// <summary>The path below the hierarchy's mount; null: none.</summary>
    public string? this[CgroupHierarchy hierarchy] => _paths[hierarchy.Index];

    /// <summary>Asks for the path in each hierarchy. A path that could lead out of its hierarchy counts as none: <see cref="CgroupPath.Normalise"/>.</summary>
    public static CgroupPaths Create(CgroupLayout layout, Func<CgroupHierarchy, string?> pathIn)
    {
        string?[] paths = new string?[layout.Hierarchies.Count];
        foreach (CgroupHierarchy hierarchy in layout.Hierarchies)
        {
            paths[hierarchy.Index] = CgroupPath.Normalise(pathIn(hierarchy));
        }

        return new CgroupPaths(layout, paths);
    }

    /// <summary>No path anywhere: a container without controllers.</summary>
    public static CgroupPaths None(CgroupLayout layout) => Create(layout, _ => null);

    /// <summary>
    /// The same path in each hierarchy that has such a cgroup now; in all of them when none has, so that reading says that it is gone.
    /// For a path that a person typed: a missing first slash is added.
    /// </summary>
    /// <exception cref="ArgumentException">The path has <c>..</c> in it.</exception>
    public static CgroupPaths Same(CgroupLayout layout, string path)
    {
        string plain = CgroupPath.Normalise(path.StartsWith('/') ? path : "/" + path)
            ?? throw new ArgumentException($"'{path}' is not the path of a cgroup: '.' and '..' are not allowed in it.", nameof(path));
        bool anywhere = layout.Hierarchies.Any(Exists);
        return Create(layout, hierarchy => !anywhere || Exists(hierarchy) ? plain : null);

        bool Exists(CgroupHierarchy hierarchy) => Directory.Exists(hierarchy.DirectoryOf(plain));
    }

    /// <summary>The same with another path in one hierarchy.</summary>
    public CgroupPaths With(CgroupHierarchy hierarchy, string? path)
        => Create(Layout, other => other.Index == hierarchy.Index ? path : this[other]);

    /// <inheritdoc/>
    public bool Equals(CgroupPaths? other)
        => other is not null && (ReferenceEquals(this, other) || (_hash == other._hash && _paths.AsSpan().SequenceEqual(other._paths)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CgroupPaths);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>For the log: <c>memory:/a/b cpu,cpuacct:/a/b :/c</c>.</summary>
    public override string ToString()
        => string.Join(' ', Layout.Hierarchies.Where(hierarchy => this[hierarchy] is not null).Select(hierarchy => $"{hierarchy.Name}:{this[hierarchy]}"));
}
