using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>Where this host has its cgroup hierarchies.</summary>
internal static class CgroupMounts
{
    private static readonly (string Directory, string Type, string[] Options)[] Mounts = [.. File.ReadLines("/proc/self/mountinfo")
        .Select(line => (Before: line.Split(" - ")[0].Split(' '), After: line.Split(" - ")[1].Split(' ')))
        .Where(m => m.After[0] is "cgroup" or "cgroup2")
        .Select(m => (m.Before[4], m.After[0], m.After[2].Split(',')))];

    /// <summary>Nothing of cgroup v1 is mounted.</summary>
    public static bool IsPureV2 { get; } = Mounts.All(m => m.Type == "cgroup2");

    /// <summary>"v1", "hybrid" or "v2".</summary>
    public static string Layout { get; } = IsPureV2 ? "v2" : Mounts.Any(m => m.Type == "cgroup2") ? "hybrid" : "v1";

    /// <summary>All hierarchies.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Mounts.Select(m => m.Directory).Distinct()];

    /// <summary>The mount point of a controller's hierarchy; null when the host has none.</summary>
    public static string? Of(string controller) => Mounts.FirstOrDefault(m => m.Type == "cgroup" && m.Options.Contains(controller)).Directory
        ?? Mounts.FirstOrDefault(m => m.Type == "cgroup2").Directory;

    /// <summary>Ends whatever is in a cgroup (as /proc/PID/cgroup has it), and removes it with all below it from every hierarchy.</summary>
    public static void Remove(string path)
    {
        foreach (string top in All.Select(hierarchy => hierarchy + path).Where(Directory.Exists))
        {
            foreach (string directory in Directory.EnumerateDirectories(top, "*", SearchOption.AllDirectories).OrderByDescending(d => d.Length).Append(top))
            {
                // A killed process stays in its cgroup until it is gone, which takes a moment.
                _ = Wait.Until(TimeSpan.FromSeconds(5), () => IsRemoved(directory));
            }
        }
    }

    private static bool IsRemoved(string directory)
    {
        try
        {
            foreach (string pid in File.ReadLines($"{directory}/cgroup.procs"))
            {
                _ = Libc.Kill(int.Parse(pid, CultureInfo.InvariantCulture), Libc.SIGKILL);
            }

            Directory.Delete(directory);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(directory);
        }
    }
}
