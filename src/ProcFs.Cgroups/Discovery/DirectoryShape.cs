namespace ProcFs.Cgroups;

/// <summary>
/// Recognises hierarchies by what a directory looks like, for trees that no mountinfo of ours describes: another host's, mounted
/// somewhere, or captured files.
/// </summary>
internal static class DirectoryShape
{
    /// <summary>Directory names of v1 hierarchies: the controllers, and systemd's own hierarchy.</summary>
    private static readonly HashSet<string> V1Names =
    [
        "cpu", "cpuacct", "cpuset", "memory", "blkio", "hugetlb", "devices", "freezer", "pids", "net_cls", "net_prio", "perf_event",
        "rdma", "misc", "systemd",
    ];

    /// <summary>The hierarchies in a directory; none when it looks like nothing of the sort or cannot be read.</summary>
    public static List<MountedHierarchy> Recognise(string directory)
    {
        List<MountedHierarchy> found = [];
        if (IsV2(directory))
        {
            found.Add(new MountedHierarchy(CgroupVersion.V2, directory, CgroupPath.Root, ""));
            return found;
        }

        foreach (DirectoryInfo child in Children(directory))
        {
            if (IsV2(child.FullName))
            {
                found.Add(new MountedHierarchy(CgroupVersion.V2, child.FullName, CgroupPath.Root, ""));
                continue;
            }

            string[] names = child.Name.Split(',');
            // "cpu" is often a link to "cpu,cpuacct": links come last, and only for what has no directory of its own.
            bool known = names.Any(V1Names.Contains);
            bool twice = child.LinkTarget is not null && found.Any(other => other.Names.Split(',').Intersect(names).Any());
            if (known && !twice)
            {
                found.Add(new MountedHierarchy(
                    CgroupVersion.V1, child.FullName, CgroupPath.Root, child.Name == "systemd" ? "name=systemd" : child.Name));
            }
        }

        return found;
    }

    private static bool IsV2(string directory) => File.Exists(Path.Combine(directory, CgroupLayout.ControllersFile));

    private static IEnumerable<DirectoryInfo> Children(string directory)
    {
        try
        {
            return new DirectoryInfo(directory).GetDirectories()
                .OrderBy(child => child.LinkTarget is not null)
                .ThenBy(child => child.Name, StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
