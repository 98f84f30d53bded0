using ProcFs.Cgroups;

namespace ProcFs.Doctor.Checks;

/// <summary>Which hierarchy has which controller.</summary>
internal sealed class CgroupCheck : ICheck
{
    public string Id => "cgroups";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        CgroupLayout layout = host.Cgroups;
        Controller[] missing = [.. new[] { Controller.Memory, Controller.Cpu, Controller.CpuSet }.Where(controller => layout.HierarchyOf(controller) is null)];
        if (!layout.HasControllers)
        {
            yield return Finding.Bad(
                $"no cgroup controller is mounted below {host.Places.Roots.Cgroup}: nothing can be known of any container, and the daemon refuses to start",
                host.Places.Roots.Cgroup == CgroupLayout.DefaultRoot ? Mend.Run($"mount -t cgroup2 none {CgroupLayout.DefaultRoot}") : Mend.Do("name the host's cgroup directory with --cgroup-root"));
        }
        else if (missing.Length > 0)
        {
            yield return Finding.Warning(
                $"no hierarchy has {string.Join(", ", missing.Select(Name))}: containers have no such limits, and are shown the host ({layout.Describe()})",
                Mend.Do($"have the kernel start with them (remove cgroup_disable= from its command line){(layout.Unified is null ? ", or mount the v1 hierarchies" : "")}"));
        }
        else
        {
            yield return Finding.Ok(layout.Describe());
        }
    }

    private static string Name(Controller controller) => controller switch
    {
        Controller.Memory => "memory",
        Controller.Cpu => "cpu",
        _ => "cpuset",
    };
}

/// <summary>On v2: whether controllers are passed on from the root, and on the way to each container.</summary>
internal sealed class DelegationCheck : ICheck
{
    /// <summary>Of which a container is shown something; without memory the most is wrong.</summary>
    private static readonly string[] Wanted = ["memory", "cpu", "cpuset", "io"];

    public string Id => "cgroups.delegation";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Cgroups.Unified is not { } unified)
        {
            yield return Finding.Ok("there is no cgroup v2: v1 has nothing to pass on");
            yield break;
        }

        string[] here = [.. Wanted.Where(Controllers(unified.MountPoint, "cgroup.controllers").Contains)];
        string[] kept = [.. here.Except(Controllers(unified.MountPoint, "cgroup.subtree_control"))];
        if (kept.Length > 0)
        {
            Mend mend = Mend.Run(PassOn(unified.MountPoint, kept));
            yield return kept.Contains("memory")
                ? Finding.Warning($"{unified.MountPoint} does not pass on {string.Join(", ", kept)}: containers have no such limits and counters, and are shown the host's memory", mend)
                : Finding.Note($"{unified.MountPoint} does not pass on {string.Join(", ", kept)}: containers have no such limits and counters", mend);
            yield break;
        }

        List<Finding> lacking = [.. host.Containers.Registered.Select(container => Lacks(host, unified, container, here)).OfType<Finding>()];
        foreach (Finding finding in lacking.Take(MostTold))
        {
            yield return finding;
        }

        if (lacking.Count == 0)
        {
            yield return Finding.Ok(here.Length == 0 ? $"{unified.MountPoint} has none of the controllers that are used" : $"{string.Join(", ", here)} are passed on");
        }
    }

    private const int MostTold = 5;

    private static Finding? Lacks(DoctorHost host, CgroupHierarchy unified, RegisteredView container, string[] here)
    {
        string? path = host.Proc($"{container.Entry.Pid}/cgroup").Split('\n').FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?["0::".Length..];
        if (path is null || unified.PathBelowRoot(path) is not { } below)
        {
            return null;
        }

        string directory = unified.MountPoint;
        foreach (string name in below.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] kept = [.. here.Except(Controllers(directory, "cgroup.subtree_control"))];
            if (kept.Contains("memory"))
            {
                return Finding.Note($"{directory} does not pass on {string.Join(", ", kept)}: container {container.Name} has no limits of its own below it", Mend.Run(PassOn(directory, kept)));
            }

            directory = $"{directory}/{name}";
        }

        return null;
    }

    private static string PassOn(string directory, string[] names) => $"echo {ShellWord.Join(names.Select(name => "+" + name))} >{ShellWord.Quote(directory + "/cgroup.subtree_control")}";

    private static string[] Controllers(string directory, string file)
    {
        try
        {
            return File.ReadAllText($"{directory}/{file}").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
