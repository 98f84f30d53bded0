namespace ProcFs.Integration.Tests.Support;

/// <summary>Where this host has its cgroup controllers, from the test's own reading of mountinfo.</summary>
internal static class CgroupMounts
{
    private static readonly (string Directory, string Type, string[] Options)[] Mounts = [.. File.ReadLines("/proc/self/mountinfo")
        .Select(line => (Before: line.Split(" - ")[0].Split(' '), After: line.Split(" - ")[1].Split(' ')))
        .Where(m => m.After[0] is "cgroup" or "cgroup2")
        .Select(m => (m.Before[4], m.After[0], m.After[2].Split(',')))];

    /// <summary>The cgroup2 mount, controllers or not.</summary>
    public static string? Unified { get; } = Mounts.FirstOrDefault(m => m.Type == "cgroup2").Directory;

    /// <summary>Nothing of cgroup v1 is mounted.</summary>
    public static bool IsPureV2 { get; } = Mounts.All(m => m.Type == "cgroup2");

    /// <summary>A cgroup2 mount beside v1 that has controllers of its own: crun 1.8 refuses to work there.</summary>
    public static bool IsMixed { get; } = !IsPureV2 && Unified is not null && File.ReadAllText($"{Unified}/cgroup.controllers").Length > 1;

    /// <summary>"v1", "hybrid" or "v2": for messages.</summary>
    public static string Layout => IsPureV2 ? "v2" : Unified is null ? "v1" : "hybrid";

    /// <summary>Is this controller on a v1 hierarchy?</summary>
    public static bool IsV1(string controller) => Mounts.Any(m => m.Type == "cgroup" && m.Options.Contains(controller));

    /// <summary>The mount point of a controller's hierarchy; null when the host has none.</summary>
    public static string? Of(string controller) => Mounts.FirstOrDefault(m => m.Type == "cgroup" && m.Options.Contains(controller)).Directory
        ?? (IsPureV2 ? Unified : null);

    /// <summary>All hierarchies with a controller that matters here, each once.</summary>
    public static IReadOnlyList<string> Relevant { get; } =
        [.. new[] { "memory", "cpu", "cpuacct", "cpuset", "blkio" }.Select(Of).OfType<string>().Distinct()];

    /// <summary>All hierarchies.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Mounts.Select(m => m.Directory)];
}
