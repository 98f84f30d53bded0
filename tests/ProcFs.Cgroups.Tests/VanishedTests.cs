namespace ProcFs.Cgroups.Tests;

/// <summary>Cgroups that are removed, made again, or get their controllers later. Plain files stay readable when open, so these look at absence.</summary>
public sealed class VanishedTests
{
    private readonly ManualTime _time = new();

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void A_cgroup_that_never_was_is_gone_and_what_is_left_is_absent(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        ContainerCgroups cgroups = fixture.Open("/gone");
        Assert.False(cgroups.TryRead(ResourceGroups.All, fixture.Resources));
        Assert.True(cgroups.TryRead(ResourceGroups.All, fixture.Resources, readWhatIsLeft: true));
        Assert.Equal(ControllerScope.Absent, fixture.Resources.MemoryScope);
        Assert.Equal(ControllerScope.Absent, fixture.Resources.CpuUsageScope);
        Assert.Equal(default, fixture.Resources.Memory);
        Assert.Null(cgroups.Identity);
        Assert.Equal(0, cgroups.ListProcesses(new int[4], out bool truncated));
        Assert.False(truncated);
        Assert.Empty(fixture.Reports);
    }

    [Fact]
    public void A_cgroup_that_is_gone_in_one_hierarchy_fails_only_reads_of_that()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.File("cpu,cpuacct", "/a", "cpuacct.usage", "5\n");
        fixture.Remove("memory", "/a");
        ContainerCgroups cgroups = fixture.Open("/a");
        Assert.True(cgroups.TryRead(ResourceGroups.CpuUsage, fixture.Resources));
        Assert.False(cgroups.TryRead(ResourceGroups.CpuUsage | ResourceGroups.Memory, fixture.Resources));
        Assert.True(cgroups.TryRead(ResourceGroups.All, fixture.Resources, readWhatIsLeft: true));
        Assert.Equal(5, fixture.Resources.Usage!.Value.TotalNs);
        Assert.Equal(ControllerScope.Absent, fixture.Resources.MemoryScope);
    }

    [Fact]
    public void Removed_while_read_is_noticed_at_the_next_file_that_must_be_opened()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", 4096, UsageBytes: 1));
        ContainerCgroups cgroups = fixture.Open("/a", _time);
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
        fixture.Remove("", "/a");
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources)); // what is open is still plain files; swap is known to be missing
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
        Assert.Equal(0, fixture.Pool.Count);
    }

    [Fact]
    public void A_cgroup_made_again_at_the_same_path_is_another_one()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", 4096, UsageBytes: 1));
        CgroupTree tree = fixture.Tree(_time);
        CgroupPaths paths = CgroupPaths.Same(tree.Layout, "/a");
        ContainerCgroups first = tree.Open(paths);
        Assert.True(first.TryRead(ResourceGroups.Memory, fixture.Resources));

        // the old directory is kept elsewhere, so that its inode number is not used again
        Directory.Move(Path.Combine(fixture.Root, "a"), Path.Combine(fixture.Root, "old"));
        fixture.Memory(new MemoryModel("/a", 8192, UsageBytes: 2));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(first.TryRead(ResourceGroups.Memory, fixture.Resources));

        ContainerCgroups second = tree.Open(paths);
        Assert.True(second.TryRead(ResourceGroups.Memory, fixture.Resources));
        Assert.Equal(8192, fixture.Resources.Memory.LimitBytes);
        Assert.NotEqual(first.Identity, second.Identity);
        Assert.NotNull(second.Identity);
    }

    [Fact]
    public void A_missing_file_is_looked_for_once_a_second()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", 4096, UsageBytes: 1));
        ContainerCgroups cgroups = fixture.Open("/a", _time);
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
        Assert.Null(fixture.Resources.Memory.Swap);

        fixture.File("", "/a", "memory.swap.max", "7\n").File("", "/a", "memory.swap.current", "3\n");
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
        Assert.Null(fixture.Resources.Memory.Swap);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
        Assert.Equal(new SwapResources(7, 3), fixture.Resources.Memory.Swap);
    }

    [Fact]
    public void A_value_changed_by_the_administrator_is_seen_at_the_next_read()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", 4096, UsageBytes: 1));
        ContainerCgroups cgroups = fixture.Open("/a", _time);
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
        fixture.File("", "/a", "memory.max", "1234567\n");
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
        Assert.Equal(1234567, fixture.Resources.Memory.LimitBytes);
    }

    [Fact]
    public void The_tree_shares_ancestors_and_forgets_what_is_gone()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/p", 4096, UsageBytes: 1));
        CgroupTree tree = fixture.Tree(_time);
        List<ContainerCgroups> all = [];
        for (int i = 0; i < 10; i++)
        {
            fixture.Memory(new MemoryModel($"/p/{i}", UsageBytes: 1));
            all.Add(tree.Open(CgroupPaths.Same(tree.Layout, $"/p/{i}")));
            Assert.True(all[i].TryRead(ResourceGroups.Memory, fixture.Resources));
            Assert.Equal(4096, fixture.Resources.Memory.LimitBytes);
        }

        Assert.Equal(10 + 2, tree.Count); // and /p, and the root for its CPU set
        fixture.Remove("", "/p");
        tree.Sweep();
        Assert.Equal(1, tree.Count);
        Assert.False(all[3].TryRead(ResourceGroups.Memory, fixture.Resources));
        Assert.Equal(0, fixture.Pool.Count);
    }

    [Fact]
    public void The_tree_stays_small_while_containers_come_and_go()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        CgroupTree tree = fixture.Tree();
        for (int i = 0; i < 500; i++)
        {
            fixture.Cgroup($"/c{i}");
            ContainerCgroups cgroups = tree.Open(CgroupPaths.Same(tree.Layout, $"/c{i}"));
            Assert.True(cgroups.TryRead(ResourceGroups.Memory, fixture.Resources));
            fixture.Remove("", $"/c{i}");
            Assert.InRange(tree.Count, 1, 64 + 2);
        }
    }

    [Fact]
    public void The_identity_is_that_of_the_directory_with_cpu_time()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.Cgroup("/a").Cgroup("/b");
        CgroupTree tree = fixture.Tree();
        CgroupPaths paths = CgroupPaths.Same(tree.Layout, "/a");
        CgroupIdentity? a = tree.Open(paths).Identity;
        Assert.NotNull(a);
        Assert.Equal(a, tree.Open(paths).Identity);
        Assert.Equal(a, tree.Open(paths.With(tree.Layout.HierarchyOf(Controller.Memory)!, "/b")).Identity);
        Assert.NotEqual(a, tree.Open(paths.With(tree.Layout.HierarchyOf(Controller.CpuAcct)!, "/b")).Identity);
        Assert.NotEqual(a, tree.Open(paths.With(tree.Layout.HierarchyOf(Controller.CpuAcct)!, null)).Identity);
        Assert.Null(tree.Open(CgroupPaths.None(tree.Layout)).Identity);
    }
}
