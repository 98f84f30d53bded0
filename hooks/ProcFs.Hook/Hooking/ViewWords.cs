using System.Globalization;

namespace ProcFs.Hook.Hooking;

/// <summary>
/// The choices of how one container is shown: each an annotation io.procfs.NAME, an option --NAME and a member of the registry. What they do is
/// the daemon's matter; here it is only said what can be written. docs/hook.md has them as a table.
/// </summary>
public static class ViewWords
{
    /// <summary>The least memory that a container can be shown, in bytes: tools divide by it.</summary>
    public const long LeastMemoryBytes = 1024 * 1024;

    private const int MostCpus = 8192; // NR_CPUS of the largest kernels

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ViewWord> All { get; } =
    [
        new("cpu", "quota, cpuset, all or a number of CPUs", IsCpu),
        new("cpu-numbering", "virtual or host", static text => text is "virtual" or "host"),
        new("btime", "host or container", static text => text is "host" or "container"),
        new("swap", "show or hide", static text => text is "show" or "hide"),
        new("memory", "limit, or a number of bytes from 1m up, k, m or g behind it", static text => text == "limit" || TryParseMemory(text, out _)),
    ];

    /// <summary>The choice of this name; null: there is none.</summary>
    public static ViewWord? Find(string name) => All.FirstOrDefault(word => word.Name == name);

    /// <summary>"512m" in bytes.</summary>
    public static bool TryParseMemory(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        int shift = char.ToLowerInvariant(text.LastOrDefault()) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        bool isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= long.MaxValue >> (shift + 1);
        bytes = isNumber ? number << shift : 0;
        return bytes >= LeastMemoryBytes;
    }

    private static bool IsCpu(string text) => text is "quota" or "cpuset" or "all"
        || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MostCpus);
}

/// <summary>One choice.</summary>
/// <param name="Name">As in the registry.</param>
/// <param name="Expected">What can be written, for people.</param>
/// <param name="IsPossible">Whether that can be written.</param>
public sealed record ViewWord(string Name, string Expected, Func<string, bool> IsPossible)
{
    /// <summary>The container's annotation.</summary>
    public string Annotation => "io.procfs." + Name;

    /// <summary>The option of a command line.</summary>
    public string Option => "--" + Name;
}
