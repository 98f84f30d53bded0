using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>What an earlier test run left when it was killed: its stages, its mounts, its directory, its cgroups, all named by its pid.</summary>
internal static class Leftovers
{
    public static void Remove()
    {
        foreach (string directory in Directory.GetDirectories(Path.GetTempPath(), "procfs-test-*").Where(IsOfTheDead))
        {
            // A stage of its own ends with the process that made it.
            foreach (int pid in Processes.WithArgument(directory + "/stage-").Where(pid => Processes.CommandLine(pid) is ["unshare", ..]))
            {
                Processes.Kill(pid);
            }

            FuseMounts.RemoveBelow(directory);

            // Not through a mount that would not go.
            _ = Child.Run("rm", "-rf", "--one-file-system", directory);
        }

        foreach (string cgroup in CgroupMounts.All.SelectMany(h => Directory.GetDirectories(h, "procfs-test-*")).Where(IsOfTheDead))
        {
            TestCgroup.Remove("/" + Path.GetFileName(cgroup));
        }
    }

    private static bool IsOfTheDead(string path) =>
        int.TryParse(path.Split('-')[^1], CultureInfo.InvariantCulture, out int pid) && !Directory.Exists($"/proc/{pid}");
}
