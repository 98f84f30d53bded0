using System.Text;
using ProcFs.Cgroups.V2;

namespace ProcFs.Cgroups;

/// <summary>
/// Where this host has its controllers: v1, v2 or both. Decided for each controller alone, because on a hybrid host some are
/// mounted as v1 and the rest belong to v2. Immutable.
/// </summary>
public sealed class CgroupLayout
{
    /// <summary>The usual place, and what "wherever mountinfo says" is written as.</summary>
    public const string DefaultRoot = "/sys/fs/cgroup";

    /// <summary>The file that every v2 directory has; it lists the controllers that can be enabled below.</summary>
    internal const string ControllersFile = "cgroup.controllers";

    private readonly CgroupHierarchy?[] _byController = new CgroupHierarchy?[ControllerNames.Count];

    internal CgroupLayout(IEnumerable<MountedHierarchy> mounts)
    {
        List<CgroupHierarchy> hierarchies = [];
        foreach (MountedHierarchy mount in MountedHierarchy.OnePerHierarchy(mounts))
        {
            hierarchies.Add(new CgroupHierarchy(hierarchies.Count, mount.Version, mount.MountPoint, mount.Root,
                mount.Names.Split(',', StringSplitOptions.RemoveEmptyEntries)));
        }

        Hierarchies = hierarchies;
        Unified = hierarchies.Find(hierarchy => hierarchy.Version == CgroupVersion.V2);
        byte[] unifiedControllers = Unified is null ? [] : ReadOrEmpty(Path.Combine(Unified.MountPoint, ControllersFile));
        foreach (Controller controller in Enum.GetValues<Controller>())
        {
            _byController[(int)controller] = hierarchies.Find(hierarchy => hierarchy.HasV1(controller))
                ?? (UnifiedHas(controller, unifiedControllers) ? Unified : null);
        }
    }

    /// <summary>All hierarchies found, those without any of our controllers included.</summary>
    public IReadOnlyList<CgroupHierarchy> Hierarchies { get; }

    /// <summary>The v2 hierarchy, on a hybrid host too; null when there is none.</summary>
    public CgroupHierarchy? Unified { get; }

    /// <summary>True when any controller was found; without one nothing about a container can be known.</summary>
    public bool HasControllers => Array.Exists(_byController, hierarchy => hierarchy is not null);

    /// <summary>
    /// Looks at <c>self/mountinfo</c> below <paramref name="procRoot"/>. With a <paramref name="cgroupRoot"/> other than
    /// <see cref="DefaultRoot"/> only mounts at or below it count; when there are none, the hierarchies are recognised by the shape of
    /// the directory. Never fails: what cannot be read is not there.
    /// </summary>
    public static CgroupLayout Discover(string procRoot, string cgroupRoot)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(cgroupRoot));
        List<MountedHierarchy> mounts = MountedHierarchy.FromMountinfo(ReadOrEmpty(Path.Combine(procRoot, "self", "mountinfo")));
        if (root != DefaultRoot)
        {
            mounts.RemoveAll(mount => !CgroupPath.IsSameOrBelow(mount.MountPoint, root));
        }

        return new CgroupLayout(mounts.Count > 0 ? mounts : DirectoryShape.Recognise(root));
    }

    /// <summary>The hierarchy that has a controller; null when none has.</summary>
    public CgroupHierarchy? HierarchyOf(Controller controller) => _byController[(int)controller];

    /// <summary>One line for the log: <c>cpu: v1 /sys/fs/cgroup/cpu; … hugetlb: none</c>.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        foreach (Controller controller in Enum.GetValues<Controller>())
        {
            text.Append(text.Length == 0 ? "" : "; ")
                .Append(ControllerNames.Display(controller)).Append(": ")
                .Append(HierarchyOf(controller)?.ToString() ?? "none");
        }

        return text.ToString();
    }

    // cpuacct is no controller of v2: every cgroup has its CPU time. (The root only since 5.8, hence the second question.)
    private bool UnifiedHas(Controller controller, ReadOnlySpan<byte> controllers)
        => Unified is not null && (controller == Controller.CpuAcct
            ? File.Exists(Path.Combine(Unified.MountPoint, CpuAcctV2.StatFile)) || UnifiedHas(Controller.Cpu, controllers)
            : TextLines.ListContains(NumberText.TrimBlanks(controllers), ControllerNames.V2(controller), (byte)' '));

    private static byte[] ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
