namespace ProcFs.Cgroups;

/// <summary>The two kinds of cgroup hierarchy, see cgroups(7).</summary>
public enum CgroupVersion
{
    /// <summary>One of several hierarchies, each with its own controllers (fstype <c>cgroup</c>).</summary>
    V1 = 1,

    /// <summary>The one unified hierarchy (fstype <c>cgroup2</c>).</summary>
    V2 = 2,
}
