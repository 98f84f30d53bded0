using ProcFs.Mountinfo;

namespace ProcFs.Cgroups;

/// <summary>A cgroup mount as it was found, before it is known which of several mounts of a hierarchy is used.</summary>
internal sealed record MountedHierarchy(CgroupVersion Version, string MountPoint, string Root, string Names)
{
    /// <summary>
    /// The v1 controllers there have ever been (cgroups(7), include/linux/cgroup_subsys.h). Named, because the super options of a mount
    /// hold other words as well, and not only the kernel's cgroup code adds some: "seclabel" and "context=" are SELinux's.
    /// </summary>
    private static readonly HashSet<string> V1Controllers =
    [
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "net_cls", "blkio", "perf_event", "net_prio", "hugetlb", "pids", "rdma",
        "misc", "debug",
    ];

    /// <summary>The cgroup mounts of a mountinfo text, in its order. Where one mount covers another, the later one is what is seen.</summary>
    public static List<MountedHierarchy> FromMountinfo(ReadOnlySpan<byte> mountinfo)
    {
        List<MountedHierarchy> found = [];
        while (MountInfoLine.TryReadNext(ref mountinfo, out MountInfoLine line))
        {
            bool v2 = line.Type.SequenceEqual("cgroup2"u8);
            if (!v2 && !line.Type.SequenceEqual("cgroup"u8))
            {
                continue;
            }

            string mountPoint = MountInfoLine.Unescape(line.MountPoint);
            if (!mountPoint.StartsWith('/') || mountPoint.Contains('\0'))
            {
                continue;
            }

            string options = MountInfoLine.Unescape(line.SuperOptions);
            IEnumerable<string> names = options.Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Where(option => V1Controllers.Contains(option) || option.StartsWith("name=", StringComparison.Ordinal));
            found.RemoveAll(other => other.MountPoint == mountPoint);
            found.Add(new MountedHierarchy(
                v2 ? CgroupVersion.V2 : CgroupVersion.V1, mountPoint, MountInfoLine.Unescape(line.Root), v2 ? "" : string.Join(',', names)));
        }

        return found;
    }

    /// <summary>One mount for each hierarchy: one that shows all of it if there is such a one, else the first.</summary>
    public static List<MountedHierarchy> OnePerHierarchy(IEnumerable<MountedHierarchy> mounts)
    {
        List<MountedHierarchy> chosen = [];
        foreach (MountedHierarchy mount in mounts)
        {
            int same = chosen.FindIndex(other => other.Version == mount.Version && other.Names == mount.Names);
            if (same < 0)
            {
                chosen.Add(mount);
            }
            else if (chosen[same].Root != CgroupPath.Root && mount.Root == CgroupPath.Root)
            {
                chosen[same] = mount;
            }
        }

        return chosen;
    }
}
