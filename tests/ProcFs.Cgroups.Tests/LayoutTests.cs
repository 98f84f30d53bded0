using System.Text;

namespace ProcFs.Cgroups.Tests;

/// <summary>Where the controllers are: from mountinfo, and from the shape of a directory.</summary>
public sealed class LayoutTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void V1_controllers_are_found_in_mountinfo_wherever_they_are_mounted()
    {
        CgroupLayout layout = FromMountinfo("""
            25 1 0:22 / /proc rw - proc proc rw
            30 24 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
            31 24 0:27 / /somewhere/else rw - cgroup cgroup rw,memory
            32 24 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/lib/agent,name=systemd
            """);
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct", layout.HierarchyOf(Controller.Cpu)!.MountPoint);
        Assert.Same(layout.HierarchyOf(Controller.Cpu), layout.HierarchyOf(Controller.CpuAcct));
        Assert.Equal("/somewhere/else", layout.HierarchyOf(Controller.Memory)!.MountPoint);
        Assert.Null(layout.HierarchyOf(Controller.BlockIo));
        Assert.Null(layout.Unified);
        Assert.True(layout.HasControllers);
        Assert.Equal(["cpu,cpuacct", "memory", "name=systemd"], layout.Hierarchies.Select(hierarchy => hierarchy.Name));
        Assert.Equal(
            "cpu: v1 /sys/fs/cgroup/cpu,cpuacct; cpuacct: v1 /sys/fs/cgroup/cpu,cpuacct; cpuset: none; memory: v1 /somewhere/else; blkio: none; hugetlb: none",
            layout.Describe());
    }

    [Fact]
    public void Words_of_security_modules_among_the_super_options_are_no_controllers()
    {
        CgroupLayout layout = FromMountinfo("""
            30 24 0:26 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,seclabel,xattr,name=systemd
            31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,seclabel,memory
            32 24 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,context=system_u:object_r:x_t:s0,cpu
            """);
        Assert.Equal(["name=systemd", "memory", "cpu"], layout.Hierarchies.Select(hierarchy => hierarchy.Name));
        Assert.False(layout.HierarchyOf(Controller.Memory)!.MatchesMount("cgroup"u8, "rw,seclabel,xattr,name=systemd"u8));
    }

    [Fact]
    public void V2_has_what_its_root_lists_and_time_without_being_asked()
    {
        _tree.Write("cg/cgroup.controllers", "cpuset cpu io memory pids\n").Write("cg/cpu.stat", "usage_usec 1\n");
        CgroupLayout layout = FromMountinfo($"30 24 0:26 / {_tree.At("cg")} rw - cgroup2 cgroup2 rw,nsdelegate\n");
        foreach (Controller controller in Enum.GetValues<Controller>())
        {
            Assert.Equal(controller == Controller.Hugetlb ? null : layout.Unified, layout.HierarchyOf(controller));
        }

        _tree.Write("cg/cgroup.controllers", "\n");
        layout = FromMountinfo($"30 24 0:26 / {_tree.At("cg")} rw - cgroup2 cgroup2 rw\n");
        Assert.Same(layout.Unified, layout.HierarchyOf(Controller.CpuAcct));
        Assert.Null(layout.HierarchyOf(Controller.Cpu));
    }

    [Fact]
    public void On_a_hybrid_host_each_controller_is_decided_alone()
    {
        _tree.Write("unified/cgroup.controllers", "io memory cpuset hugetlb\n").Write("unified/cpu.stat", "");
        CgroupLayout layout = FromMountinfo($"""
            30 24 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            31 24 0:27 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset,noprefix
            32 24 0:28 / {_tree.At("unified")} rw - cgroup2 cgroup2 rw
            """);
        Assert.Equal(CgroupVersion.V1, layout.HierarchyOf(Controller.Memory)!.Version);
        Assert.Equal(CgroupVersion.V1, layout.HierarchyOf(Controller.CpuSet)!.Version);
        Assert.Same(layout.Unified, layout.HierarchyOf(Controller.BlockIo));
        Assert.Same(layout.Unified, layout.HierarchyOf(Controller.Hugetlb));
        Assert.Same(layout.Unified, layout.HierarchyOf(Controller.CpuAcct));
        Assert.Null(layout.HierarchyOf(Controller.Cpu));
    }

    [Fact]
    public void A_controllers_name_is_compared_whole()
    {
        _tree.Write("u/cgroup.controllers", "cpuset memoryx iocost\n");
        CgroupLayout layout = FromMountinfo($"""
            30 24 0:26 / /c/cpuset rw - cgroup cgroup rw,cpuset
            32 24 0:28 / {_tree.At("u")} rw - cgroup2 cgroup2 rw
            """);
        Assert.Null(layout.HierarchyOf(Controller.Cpu));
        Assert.Null(layout.HierarchyOf(Controller.Memory));
        Assert.Null(layout.HierarchyOf(Controller.BlockIo));
        Assert.Null(layout.HierarchyOf(Controller.CpuAcct));
    }

    [Fact]
    public void Escapes_in_mountinfo_are_undone()
    {
        CgroupLayout layout = FromMountinfo("30 24 0:26 /a\\040b /mnt/with\\040blank\\134x rw - cgroup cgroup rw,memory\n");
        CgroupHierarchy memory = layout.HierarchyOf(Controller.Memory)!;
        Assert.Equal("/mnt/with blank\\x", memory.MountPoint);
        Assert.Equal("/a b", memory.Root);
        Assert.Equal("/c", memory.PathBelowRoot("/a b/c"));
    }

    [Fact]
    public void Of_several_mounts_of_a_hierarchy_the_one_that_shows_all_of_it_is_used()
    {
        CgroupLayout layout = FromMountinfo("""
            30 24 0:26 /lxc/c1 /var/lib/lxc/c1/cgroup rw - cgroup cgroup rw,memory
            31 24 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            32 24 0:26 /lxc/c2 /var/lib/lxc/c2/cgroup rw - cgroup cgroup rw,memory
            """);
        Assert.Equal("/sys/fs/cgroup/memory", Assert.Single(layout.Hierarchies).MountPoint);
    }

    [Fact]
    public void A_mount_that_is_covered_by_another_does_not_count()
    {
        _tree.Write("m/cgroup.controllers", "memory\n");
        CgroupLayout layout = FromMountinfo($"""
            30 24 0:26 / {_tree.At("m")} rw - cgroup cgroup rw,memory
            31 24 0:27 / {_tree.At("m")} rw - cgroup2 cgroup2 rw
            """);
        Assert.Equal(CgroupVersion.V2, layout.HierarchyOf(Controller.Memory)!.Version);
    }

    [Fact]
    public void Another_root_takes_the_mounts_below_it()
    {
        _tree.Write("proc/self/mountinfo", $"""
            30 24 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            31 24 0:27 / {_tree.At("host")}/memory rw - cgroup cgroup rw,memory
            32 24 0:28 / {_tree.At("hostile")}/cpu rw - cgroup cgroup rw,cpu
            """);
        CgroupLayout layout = CgroupLayout.Discover(_tree.At("proc"), _tree.At("host") + "/");
        Assert.Equal(_tree.At("host") + "/memory", Assert.Single(layout.Hierarchies).MountPoint);
    }

    [Fact]
    public void A_directory_with_a_list_of_controllers_is_v2()
    {
        _tree.Write("cg/cgroup.controllers", "memory io\n").MakeDirectory("cg/memory").MakeDirectory("cg/cpu");
        CgroupLayout layout = CgroupLayout.Discover("/nonexistent", _tree.At("cg"));
        Assert.Same(layout.Unified, Assert.Single(layout.Hierarchies));
        Assert.Equal("/", layout.Unified!.Root);
        Assert.Same(layout.Unified, layout.HierarchyOf(Controller.Memory));
    }

    [Fact]
    public void Directories_named_by_controllers_are_v1_and_links_to_them_count_once()
    {
        _tree.MakeDirectory("cg/cpu,cpuacct").MakeDirectory("cg/memory").MakeDirectory("cg/systemd").MakeDirectory("cg/something")
            .Write("cg/unified/cgroup.controllers", "hugetlb\n").Write("cg/unified/cpu.stat", "");
        Directory.CreateSymbolicLink(_tree.At("cg/cpu"), "cpu,cpuacct");
        Directory.CreateSymbolicLink(_tree.At("cg/cpuacct"), "cpu,cpuacct");
        CgroupLayout layout = CgroupLayout.Discover("/nonexistent", _tree.At("cg"));
        Assert.Equal(["cpu,cpuacct", "memory", "name=systemd", ""], layout.Hierarchies.Select(hierarchy => hierarchy.Name));
        Assert.Equal(_tree.At("cg/cpu,cpuacct"), layout.HierarchyOf(Controller.CpuAcct)!.MountPoint);
        Assert.Equal(_tree.At("cg/unified"), layout.Unified!.MountPoint);
        Assert.Same(layout.Unified, layout.HierarchyOf(Controller.Hugetlb));
    }

    [Fact]
    public void A_place_without_controllers_has_none()
    {
        _tree.MakeDirectory("empty").Write("file", "");
        Assert.False(CgroupLayout.Discover("/nonexistent", _tree.At("empty")).HasControllers);
        Assert.False(CgroupLayout.Discover("/nonexistent", _tree.At("file")).HasControllers);
        Assert.False(CgroupLayout.Discover("/nonexistent", _tree.At("nothing")).HasControllers);
    }

    [Fact]
    public void Hybrid_trees_are_read_controller_by_controller()
    {
        _tree.Write("cg/unified/cgroup.controllers", "io\n").Write("cg/unified/cpu.stat", "")
            .Write("cg/unified/c/io.stat", "8:0 rbytes=1 rios=1\n").Write("cg/unified/c/cpu.stat", "usage_usec 5\n")
            .Write("cg/unified/c/memory.max", "1\n")
            .Write("cg/memory/c/memory.limit_in_bytes", "4096\n").Write("cg/memory/c/memory.usage_in_bytes", "1\n")
            .Write("cg/memory/c/memory.stat", "hierarchical_memory_limit 4096\n")
            .MakeDirectory("cg/cpu").Write("cg/cpu/c/cpu.cfs_quota_us", "50000\n").Write("cg/cpu/c/cpu.cfs_period_us", "100000\n");
        CgroupTree tree = new(CgroupLayout.Discover("/nonexistent", _tree.At("cg")), new DescriptorPool(16));
        ContainerResources read = new();
        Assert.True(tree.Open(CgroupPaths.Same(tree.Layout, "/c")).TryRead(ResourceGroups.All, read));
        Assert.Equal(4096, read.Memory.LimitBytes);
        Assert.Equal(new CpuQuota(50000, 100000), read.Quota);
        Assert.Equal(5000, read.Usage!.Value.TotalNs);
        Assert.Equal(1, read.BlockIo[0].Reads);
        Assert.Equal(ControllerScope.Absent, read.CpuSetScope);
    }

    [Fact]
    public void A_mount_of_a_part_of_the_tree_takes_its_root_off_the_paths()
    {
        _tree.Write("m/in/memory.limit_in_bytes", "4096\n").Write("m/in/memory.usage_in_bytes", "1\n").Write("m/in/memory.stat", "total_rss 1\n");
        CgroupLayout layout = FromMountinfo($"30 24 0:26 /docker/abc {_tree.At("m")} rw - cgroup cgroup rw,memory\n");
        CgroupTree tree = new(layout, new DescriptorPool(16));
        ContainerResources read = new();
        CgroupMembership membership = CgroupMembership.Parse(layout, "5:memory:/docker/abc/in\n"u8);
        Assert.True(tree.Open(membership.ToPaths()).TryRead(ResourceGroups.Memory, read));
        Assert.Equal(4096, read.Memory.LimitBytes);
        Assert.True(CgroupMembership.Parse(layout, "5:memory:/docker/abcd/in\n"u8).IsOutsideView);
        Assert.Equal("/", CgroupMembership.Parse(layout, "5:memory:/docker/abc\n"u8).PathIn(layout.Hierarchies[0]));
    }

    [Fact]
    public void A_mount_is_recognised_by_its_type_and_options()
    {
        CgroupLayout layout = FromMountinfo("30 24 0:26 / /c rw - cgroup cgroup rw,cpu,cpuacct\n31 24 0:27 / /u rw - cgroup2 cgroup2 rw\n");
        CgroupHierarchy cpu = layout.HierarchyOf(Controller.Cpu)!;
        Assert.True(cpu.MatchesMount("cgroup"u8, "rw,cpu,cpuacct"u8));
        Assert.False(cpu.MatchesMount("cgroup"u8, "rw,cpuset"u8));
        Assert.False(cpu.MatchesMount("cgroup2"u8, "rw,cpu"u8));
        Assert.True(layout.Unified!.MatchesMount("cgroup2"u8, "rw"u8));
        Assert.False(layout.Unified.MatchesMount("cgroup"u8, "rw"u8));
    }

    [Fact]
    public void Every_prefix_and_mutation_of_a_mountinfo_gives_some_layout()
    {
        byte[] text = Encoding.UTF8.GetBytes("30 24 0:26 /a\\040b /sys/fs/cgroup/cpu,cpuacct rw shared:1 - cgroup cgroup rw,cpu,cpuacct\n31 24 0:27 / /u rw - cgroup2 cgroup2 rw\n");
        foreach (byte[] bytes in Hostile.PrefixesOf(text).Concat(Hostile.MutationsOf(text, 20_000, seed: 1)))
        {
            CgroupLayout layout = new(MountedHierarchy.FromMountinfo(bytes));
            Assert.InRange(layout.Hierarchies.Count, 0, 8);
            Assert.NotEmpty(layout.Describe());
        }
    }

    private CgroupLayout FromMountinfo(string text)
    {
        _tree.Write("proc/self/mountinfo", text);
        return CgroupLayout.Discover(_tree.At("proc"), CgroupLayout.DefaultRoot);
    }
}
