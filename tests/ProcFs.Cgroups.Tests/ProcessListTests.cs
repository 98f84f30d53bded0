namespace ProcFs.Cgroups.Tests;

public sealed class ProcessListTests
{
    private const string Processes = "cgroup.procs";

    [Fact]
    public void Processes_of_all_descendants_are_listed_once_and_sorted()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", Processes, "30\n10\n").File("", "/a/b", Processes, "20\n30\n0\n").File("", "/a/b/c/d/e/f", Processes, "5")
            .File("", "/other", Processes, "99\n").Cgroup("/a/empty");
        int[] into = new int[16];
        int count = fixture.Open("/a").ListProcesses(into, out bool truncated);
        Assert.Equal([5, 10, 20, 30], into[..count]);
        Assert.False(truncated);
    }

    [Fact]
    public void More_than_fit_are_said_to_be_more()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", Processes, "3\n2\n").File("", "/a/b", Processes, "1\n");
        int[] into = new int[2];
        Assert.Equal(2, fixture.Open("/a").ListProcesses(into, out bool truncated));
        Assert.True(truncated);
        Assert.Equal([2, 3], into);
        Assert.Equal(3, fixture.Open("/a").ListProcesses(new int[3], out truncated));
        Assert.False(truncated);
        Assert.Equal(0, fixture.Open("/a").ListProcesses([], out truncated));
        Assert.True(truncated);
    }

    [Fact]
    public void A_list_longer_than_the_buffer_is_read_whole()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        int[] expected = [.. Enumerable.Range(1, 50_000).Select(i => i * 7)];
        fixture.File("", "/a", Processes, string.Concat(expected.Select(pid => $"{pid}\n")));
        int[] into = new int[60_000];
        int count = fixture.Open("/a").ListProcesses(into, out bool truncated);
        Assert.Equal(expected, into[..count]);
        Assert.False(truncated);
    }

    [Fact]
    public void Very_deep_trees_are_cut_off_and_very_wide_ones_are_not()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/deep" + string.Concat(Enumerable.Repeat("/d", 140)), Processes, "1\n");
        Assert.Equal(0, fixture.Open("/deep").ListProcesses(new int[4], out bool truncated));
        Assert.True(truncated);

        for (int i = 1; i <= 300; i++)
        {
            fixture.File("", $"/wide/a-name-that-fills-the-buffer-of-directory-entries-{i}", Processes, $"{i}\n");
        }

        Assert.Equal(300, fixture.Open("/wide").ListProcesses(new int[400], out truncated));
        Assert.False(truncated);
    }

    [Fact]
    public void The_first_hierarchy_with_a_cgroup_of_its_own_is_asked()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.File("memory", "/m", Processes, "1\n").File("cpu,cpuacct", "/c", Processes, "2\n").File("blkio", "/b", Processes, "3\n");
        CgroupTree tree = fixture.Tree();
        Assert.Equal(1, First(Controller.Memory, "/m", Controller.CpuAcct, "/c"));
        Assert.Equal(2, First(Controller.Memory, "/", Controller.CpuAcct, "/c"));
        Assert.Equal(3, First(Controller.Memory, "/", Controller.BlockIo, "/b"));
        Assert.Equal(0, First(Controller.Memory, "/", Controller.CpuAcct, "/"));

        int First(Controller one, string path, Controller other, string otherPath)
        {
            CgroupPaths paths = CgroupPaths.None(tree.Layout).With(tree.Layout.HierarchyOf(one)!, path).With(tree.Layout.HierarchyOf(other)!, otherPath);
            int[] into = new int[4];
            int count = tree.Open(paths).ListProcesses(into, out _);
            Assert.InRange(count, 0, 1);
            return into[0];
        }
    }

    [Fact]
    public void Numbers_that_are_no_process_are_passed_over()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        foreach (byte[] text in Hostile.MutationsOf("1\n22\n333\n2147483647\n99999999999999999999\n"u8.ToArray(), 2_000, seed: 20))
        {
            fixture.File("", "/a", Processes, "");
            File.WriteAllBytes(Path.Combine(fixture.Root, "a", Processes), text);
            int[] into = new int[64];
            int count = fixture.Open("/a").ListProcesses(into, out _);
            Assert.All(into[..count], pid => Assert.True(pid > 0));
        }
    }
}
