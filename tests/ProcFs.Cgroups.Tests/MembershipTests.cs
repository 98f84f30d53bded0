using System.Text;

namespace ProcFs.Cgroups.Tests;

/// <summary>/proc/pid/cgroup and the paths in it.</summary>
public sealed class MembershipTests
{
    private static readonly CgroupLayout Hybrid = new(
    [
        new MountedHierarchy(CgroupVersion.V1, "/cg/cpu,cpuacct", "/", "cpu,cpuacct"),
        new MountedHierarchy(CgroupVersion.V1, "/cg/memory", "/", "memory"),
        new MountedHierarchy(CgroupVersion.V1, "/cg/systemd", "/", "name=systemd"),
        new MountedHierarchy(CgroupVersion.V2, "/cg/unified", "/", ""),
    ]);

    private static CgroupHierarchy Cpu => Hybrid.Hierarchies[0];

    private static CgroupHierarchy Memory => Hybrid.Hierarchies[1];

    private static CgroupHierarchy Systemd => Hybrid.Hierarchies[2];

    private static CgroupHierarchy Unified => Hybrid.Hierarchies[3];

    [Fact]
    public void Each_hierarchy_has_its_own_path()
    {
        CgroupMembership membership = Parse("9:name=systemd:/sd\n4:memory:/m\n2:cpu,cpuacct:/c\n1:pids:/p\n0::/u\n");
        Assert.Equal("/sd", membership.PathIn(Systemd));
        Assert.Equal("/m", membership.PathIn(Memory));
        Assert.Equal("/c", membership.PathIn(Cpu));
        Assert.Equal("/u", membership.PathIn(Unified));
        Assert.False(membership.IsDeleted);
        Assert.False(membership.IsOutsideView);
        Assert.Equal("cpu,cpuacct:/c memory:/m name=systemd:/sd :/u", membership.ToPaths().ToString());
    }

    [Theory]
    [InlineData("4:memory:/a:b::c\n", "/a:b::c")]
    [InlineData("4:memory:/a b (deleted)\n", "/a b (deleted)")] // v1 marks nothing: it is a name
    [InlineData("4:memory:/..x/...\n", "/..x/...")]
    [InlineData("4:memory:/\n", "/")]
    [InlineData("4:memory:/a", "/a")]
    [InlineData("4:memory:/a//b/\n", "/a/b")]
    [InlineData("4:hugetlb,memory:/a\n", "/a")]
    [InlineData("4:memoryx:/a\n", null)]
    [InlineData("4:memory\n", null)]
    [InlineData("x:memory:/a\n", null)]
    [InlineData(":memory:/a\n", null)]
    [InlineData("-4:memory:/a\n", null)]
    [InlineData("", null)]
    public void A_line_is_split_at_its_first_two_colons(string text, string? path)
    {
        CgroupMembership membership = Parse(text);
        Assert.Equal(path, membership.PathIn(Memory));
        Assert.False(membership.IsDeleted);
    }

    [Theory]
    [InlineData("/..")]
    [InlineData("/../a")]
    [InlineData("/../../a")]
    [InlineData("/a/../../b")]
    [InlineData("/a/./b")]
    [InlineData("a")]
    [InlineData("")]
    [InlineData("/a\0b")]
    public void A_path_that_leads_out_of_the_hierarchy_is_none(string path)
    {
        CgroupMembership membership = Parse($"4:memory:{path}\n0::/u\n");
        Assert.Null(membership.PathIn(Memory));
        Assert.True(membership.IsOutsideView);
        Assert.Equal("/u", membership.PathIn(Unified));
    }

    [Fact]
    public void A_deleted_v2_cgroup_is_none()
    {
        CgroupMembership membership = Parse("4:memory:/m\n0::/c/x (deleted)\n");
        Assert.Null(membership.PathIn(Unified));
        Assert.True(membership.IsDeleted);
        Assert.False(membership.IsOutsideView);
        Assert.Equal("/m", membership.PathIn(Memory));
    }

    [Fact]
    public void In_a_namespace_of_our_own_the_mounts_root_says_where_we_are()
    {
        CgroupLayout layout = new([new MountedHierarchy(CgroupVersion.V2, "/cg", "/../..", "")]);
        Assert.Equal("/lxc/c1", CgroupMembership.Parse(layout, "0::/../../lxc/c1\n"u8).PathIn(layout.Unified!));
        Assert.Null(CgroupMembership.Parse(layout, "0::/../../../x\n"u8).PathIn(layout.Unified!));
        Assert.Null(CgroupMembership.Parse(layout, "0::/x\n"u8).PathIn(layout.Unified!));
    }

    [Fact]
    public void Paths_are_compared_by_value()
    {
        CgroupPaths paths = Parse("4:memory:/m\n0::/u\n").ToPaths();
        Assert.Equal(paths, Parse("0::/u\n4:memory:/m\n").ToPaths());
        Assert.Equal(paths.GetHashCode(), Parse("0::/u\n4:memory:/m\n").ToPaths().GetHashCode());
        Assert.NotEqual(paths, Parse("4:memory:/m\n").ToPaths());
        Assert.NotEqual(paths, paths.With(Memory, "/n"));
        Assert.Equal(paths, paths.With(Memory, "/n").With(Memory, "/m"));
        Assert.Null(paths.With(Memory, "/a/../b")[Memory]);
        Assert.Equal(CgroupPaths.None(Hybrid), Parse("").ToPaths());
    }

    [Fact]
    public void A_typed_path_is_taken_where_it_exists()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.Memory(new MemoryModel("/elsewhere", 5));
        CgroupLayout layout = fixture.Layout();
        Directory.CreateDirectory(Path.Combine(fixture.Root, "memory/x/y"));
        CgroupPaths paths = CgroupPaths.Same(layout, "x//y/");
        Assert.Equal("/x/y", paths[layout.HierarchyOf(Controller.Memory)!]);
        Assert.Null(paths[layout.HierarchyOf(Controller.Cpu)!]);
        Assert.Equal("/no", CgroupPaths.Same(layout, "/no")[layout.HierarchyOf(Controller.Cpu)!]);
        Assert.Throws<ArgumentException>(() => CgroupPaths.Same(layout, "/x/../.."));
    }

    [Theory]
    [InlineData("/a/b", "/a", true, "/b")]
    [InlineData("/a", "/a", true, "/")]
    [InlineData("/ab", "/a", false, null)]
    [InlineData("/a", "/a/b", false, null)]
    [InlineData("/a", "/", true, "/a")]
    [InlineData("/", "/", true, "/")]
    public void Below_is_by_component(string path, string ancestor, bool below, string? rest)
    {
        Assert.Equal(below, CgroupPath.IsSameOrBelow(path, ancestor));
        Assert.Equal(rest, CgroupPath.Below(path, ancestor));
    }

    [Fact]
    public void Parents_end_at_the_root()
    {
        Assert.Equal("/a", CgroupPath.Parent("/a/b"));
        Assert.Equal("/", CgroupPath.Parent("/a"));
        Assert.Null(CgroupPath.Parent("/"));
        Assert.Null(CgroupPath.Parent(""));
    }

    [Fact]
    public void No_prefix_and_no_mutation_leads_out_of_a_hierarchy()
    {
        byte[] text = "9:name=systemd:/sd\n4:memory:/lxc/a:b/../c\n2:cpu,cpuacct:/../../x\n0::/c/x (deleted)\n"u8.ToArray();
        foreach (byte[] bytes in Hostile.PrefixesOf(text).Concat(Hostile.MutationsOf(text, 100_000, seed: 2)))
        {
            CgroupMembership membership = CgroupMembership.Parse(Hybrid, bytes);
            foreach (CgroupHierarchy hierarchy in Hybrid.Hierarchies)
            {
                string? path = membership.PathIn(hierarchy);
                if (path is not null && (path[0] != '/' || path.Split('/').Any(part => part is "." or "..") || path.Contains('\0')))
                {
                    Assert.Fail($"'{path}' from '{Encoding.Latin1.GetString(bytes)}'");
                }
            }
        }
    }

    private static CgroupMembership Parse(string text) => CgroupMembership.Parse(Hybrid, Encoding.UTF8.GetBytes(text));
}
