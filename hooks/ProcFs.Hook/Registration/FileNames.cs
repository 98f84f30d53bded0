namespace ProcFs.Hook.Registration;

/// <summary>Which names of files are understood: "proc/meminfo", "sys/devices/system/cpu/online".</summary>
public static class FileNames
{
    private const int LongestName = 255;

    /// <summary>
    /// Whether a name can be one of a served file: below proc or sys, and no component of it leads elsewhere. It need not be served.
    /// </summary>
    public static bool IsPossible(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > LongestName || !(name.StartsWith("proc/", StringComparison.Ordinal) || name.StartsWith("sys/", StringComparison.Ordinal)))
        {
            return false;
        }

        foreach (Range range in name.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> component = name.AsSpan(range);
            if (component is "" or "." or ".." || component.ContainsAnyExcept(Harmless))
            {
                return false;
            }
        }

        return true;
    }

    private static readonly System.Buffers.SearchValues<char> Harmless =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
}
