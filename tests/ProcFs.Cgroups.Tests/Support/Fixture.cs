namespace ProcFs.Cgroups.Tests.Support;

/// <summary>
/// A host's cgroup directory made of plain files: <c>v1</c> has one directory for each controller, <c>v2</c> one for all, <c>hybrid</c> v1 and an
/// empty v2 in <c>unified</c>.
/// </summary>
internal sealed class Fixture : IDisposable
{
    private static readonly string[] V1Controllers = ["cpu,cpuacct", "cpuset", "memory", "blkio", "hugetlb"];

    private readonly TempTree _tree = new();

    public Fixture(CgroupVersion version)
    {
        Version = version;
        if (version == CgroupVersion.V2)
        {
            _tree.Write("cgroup.controllers", "cpuset cpu io memory hugetlb pids\n").Write("cpu.stat", "usage_usec 1\n");
            return;
        }

        foreach (string controller in V1Controllers)
        {
            _tree.MakeDirectory(controller);
        }
    }

    public CgroupVersion Version { get; }

    public string Root => _tree.Root;

    public List<string> Reports { get; } = [];

    public DescriptorPool Pool { get; } = new(64);

    public ContainerResources Resources { get; } = new();

    /// <summary>The directory of a cgroup for a controller, relative to the root of the tree.</summary>
    public string PathOf(string controller, string cgroup) => (Version == CgroupVersion.V2 ? "" : controller) + cgroup;

    /// <summary>Writes a file; the cgroup is made in all hierarchies, as runtimes do.</summary>
    public Fixture File(string controller, string cgroup, string name, string text)
    {
        Cgroup(cgroup);
        _tree.Write(PathOf(controller, cgroup) + "/" + name, text);
        return this;
    }

    /// <summary>Makes the cgroup in all hierarchies, without files.</summary>
    public Fixture Cgroup(string path)
    {
        foreach (string controller in Version == CgroupVersion.V2 ? [""] : V1Controllers)
        {
            _tree.MakeDirectory(controller + path);
        }

        return this;
    }

    public void Remove(string controller, string cgroup) => _tree.Remove(PathOf(controller, cgroup));

    public CgroupLayout Layout() => CgroupLayout.Discover("/nonexistent", Root);

    public CgroupTree Tree(TimeProvider? time = null) => new(Layout(), Pool, Reports.Add, time);

    public ContainerCgroups Open(string cgroup, TimeProvider? time = null)
    {
        CgroupTree tree = Tree(time);
        return tree.Open(CgroupPaths.Create(tree.Layout, _ => cgroup));
    }

    /// <summary>Reads a container; fails the test when it has vanished.</summary>
    public ContainerResources Read(string cgroup, ResourceGroups groups = ResourceGroups.All)
    {
        Assert.True(Open(cgroup).TryRead(groups, Resources));
        return Resources;
    }

    public void Dispose() => _tree.Dispose();
}
