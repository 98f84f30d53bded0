namespace ProcFs.Cgroups;

/// <summary>
/// Paths of cgroups inside a hierarchy: they start with a slash, <c>/</c> is the root. Comparisons are by whole components:
/// <c>/a/bc</c> is not below <c>/a/b</c>.
/// </summary>
public static class CgroupPath
{
    /// <summary>The root of a hierarchy.</summary>
    public const string Root = "/";

    /// <summary>
    /// Takes out superfluous slashes. Null for a path that is not absolute, or that has <c>.</c>, <c>..</c> or NUL in it: such a path
    /// could name a directory outside of the hierarchy.
    /// </summary>
    public static string? Normalise(string? path)
    {
        if (path is null || !path.StartsWith('/') || path.Contains('\0'))
        {
            return null;
        }

        bool asItIs = path == Root || !path.EndsWith('/');
        foreach (Range range in path.AsSpan(1).Split('/'))
        {
            ReadOnlySpan<char> component = path.AsSpan(1)[range];
            if (component is "." or "..")
            {
                return null;
            }

            asItIs &= !component.IsEmpty || path == Root;
        }

        return asItIs ? path : Root + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>True when <paramref name="path"/> is <paramref name="ancestor"/> or a descendant of it.</summary>
    public static bool IsSameOrBelow(string path, string ancestor)
        => ancestor == Root
            || (path.StartsWith(ancestor, StringComparison.Ordinal) && (path.Length == ancestor.Length || path[ancestor.Length] == '/'));

    /// <summary>The cgroup above; null above the root.</summary>
    public static string? Parent(string path)
    {
        int slash = path.LastIndexOf('/');
        return path.Length <= 1 || slash < 0 ? null : slash == 0 ? Root : path[..slash];
    }

    /// <summary>What is left of a path below <paramref name="ancestor"/>, itself a path; null when it is not there.</summary>
    public static string? Below(string path, string ancestor)
        => !IsSameOrBelow(path, ancestor) ? null
            : ancestor == Root ? path
            : path.Length == ancestor.Length ? Root
            : path[ancestor.Length..];
}
