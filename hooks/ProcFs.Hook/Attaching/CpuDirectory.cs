namespace ProcFs.Hook.Attaching;

/// <summary>The one directory that is attached as a whole. Its files can be attached one by one as well; earlier versions did nothing else.</summary>
public static class CpuDirectory
{
    /// <summary>As <see cref="AttachRequest.Files"/> has it.</summary>
    public const string Name = "sys/devices/system/cpu";

    private const string Start = Name + "/";

    // Directories of a CPU that ours has not: nothing shows through it that a mask on one of them hides.
    private static readonly string[] NeverServed = ["cpuidle", "hotplug", "microcode", "power", "thermal_throttle"];

    /// <summary>Whether this is its name.</summary>
    public static bool Is(string file) => file == Name;

    /// <summary>Whether a file lies in it.</summary>
    public static bool Holds(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.StartsWith(Start, StringComparison.Ordinal);
    }

    /// <summary>
    /// Whether ours may cover a mask: what it hides is a directory of a CPU that ours has not. Engines hide thermal_throttle of each CPU.
    /// </summary>
    /// <param name="path">As "sys/devices/system/cpu/cpu3/thermal_throttle".</param>
    internal static bool MayCoverMask(string path)
    {
        if (!Holds(path))
        {
            return false;
        }

        string rest = path[Start.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash > "cpu".Length && rest.StartsWith("cpu", StringComparison.Ordinal)
            && !rest.AsSpan("cpu".Length, slash - "cpu".Length).ContainsAnyExceptInRange('0', '9')
            && NeverServed.Contains(rest[(slash + 1)..]);
    }
}
