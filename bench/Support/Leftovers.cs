using System.Globalization;

namespace ProcFs.Bench;

/// <summary>Takes away what belongs to a run: processes, containers, mounts, cgroups and files, all known by the name of its directory.</summary>
internal static class Leftovers
{
    /// <summary>Of all runs whose process is gone.</summary>
    public static void Remove()
    {
        foreach (string directory in Directory.GetDirectories(Path.GetTempPath(), Site.Prefix + "-*").Where(IsOfTheDead))
        {
            RemoveSite(directory);
        }

        foreach (string cgroup in CgroupMounts.All.SelectMany(h => Directory.GetDirectories(h, Site.Prefix + "-*")).Where(IsOfTheDead))
        {
            CgroupMounts.Remove("/" + Path.GetFileName(cgroup));
        }
    }

    /// <summary>Of one run, also what it has taken away already.</summary>
    public static void RemoveSite(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        string state = Container.StateOf(directory);
        foreach (string container in Directory.Exists(state) ? Directory.GetDirectories(state) : [])
        {
            _ = Child.Run("runc", "--root", state, "delete", "--force", Path.GetFileName(container));
        }

        StartedProcesses.EndAll(directory);

        RequestTrace.RemoveOf(directory);
        CgroupMounts.Remove("/" + Path.GetFileName(directory));
        FuseMounts.RemoveBelow(directory);
        // Deleting through a mount would delete what is mounted.
        if (!FuseMounts.AnyBelow(directory))
        {
            _ = Child.Run(TimeSpan.FromMinutes(5), "rm", "-rf", "--one-file-system", directory); // thousands of containers, perhaps
        }
    }

    /// <summary>Its number is gone, or belongs to a program that is none of ours.</summary>
    private static bool IsOfTheDead(string path) =>
        int.TryParse(path.Split('-')[^1], CultureInfo.InvariantCulture, out int pid)
        && !Processes.CommandLine(pid).Contains(Site.Prefix, StringComparison.Ordinal) && !Processes.CommandLine(pid).Contains("ProcFs.", StringComparison.Ordinal);
}
