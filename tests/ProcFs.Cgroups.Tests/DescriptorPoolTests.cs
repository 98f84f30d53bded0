namespace ProcFs.Cgroups.Tests;

public sealed class DescriptorPoolTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(7)]
    public void However_few_descriptors_are_kept_everything_is_read(int capacity)
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/p", 4096, UsageBytes: 1), new MemoryModel("/p/c", UsageBytes: 2, SwapAccounted: true, SwapUsedBytes: 3));
        DescriptorPool pool = new(capacity);
        CgroupTree tree = new(fixture.Layout(), pool);
        ContainerCgroups cgroups = tree.Open(CgroupPaths.Same(tree.Layout, "/p/c"));
        int before = OpenDescriptorsBelow(fixture.Root);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(cgroups.TryRead(ResourceGroups.All, fixture.Resources));
            Assert.Equal(4096, fixture.Resources.Memory.LimitBytes);
            Assert.Equal(new SwapResources(null, 3), fixture.Resources.Memory.Swap);
            Assert.InRange(pool.Count, 1, capacity);
            Assert.Equal(pool.Count, OpenDescriptorsBelow(fixture.Root));
        }

        Assert.InRange(before, 0, capacity);
    }

    [Fact]
    public void The_least_recently_used_one_is_closed_first()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "one", "1\n").File("", "/a", "two", "2\n").File("", "/a", "three", "3\n");
        DescriptorPool pool = new(3);
        CgroupDirectory directory = new(Path.Combine(fixture.Root, "a"), new CgroupTreeServices(pool, new CgroupReports(null), TimeProvider.System));
        CgroupFile one = directory.File("one");
        CgroupFile two = directory.File("two");
        CgroupFile three = directory.File("three");
        Assert.True(one.TryReadNumber(out _));
        Assert.True(two.TryReadNumber(out _)); // directory, one, two
        Assert.True(one.TryReadNumber(out _)); // two is older now than one; the directory was used for two
        Assert.True(three.TryReadNumber(out long value)); // the directory is used again: two goes
        Assert.Equal(3, value);
        Assert.Equal(["a", "one", "three"], OpenNamesBelow(fixture.Root));
    }

    [Fact]
    public void Threads_share_files_that_are_closed_under_them()
    {
        const int Threads = 4;
        const int Containers = 8;
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/p", 4096, UsageBytes: 1));
        for (int i = 0; i < Containers; i++)
        {
            fixture.Memory(new MemoryModel($"/p/{i}", UsageBytes: i));
        }

        DescriptorPool pool = new(5); // far too few: each read closes what another thread uses
        CgroupTree tree = new(fixture.Layout(), pool);
        ContainerCgroups[] containers = [.. Enumerable.Range(0, Containers).Select(i => tree.Open(CgroupPaths.Same(tree.Layout, $"/p/{i}")))];
        int wrong = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            ContainerResources read = new();
            for (int i = 0; i < 2_000; i++)
            {
                int container = (i + thread) % Containers;
                bool ok = containers[container].TryRead(ResourceGroups.Memory, read)
                    && read.Memory.UsageBytes == container && read.Memory.LimitBytes == 4096 && read.MemoryLevels.Length == 1;
                if (!ok)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        });
        Assert.Equal(0, wrong);
        Assert.InRange(pool.Count, 1, 5);
        Assert.Equal(pool.Count, OpenDescriptorsBelow(fixture.Root));
    }

    private static int OpenDescriptorsBelow(string root) => OpenNamesBelow(root).Count;

    private static List<string> OpenNamesBelow(string root)
    {
        List<string> names = [];
        foreach (string link in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            // A descriptor of another test can be closed while we look.
            string? target = new FileInfo(link).LinkTarget;
            if (target is not null && target.StartsWith(root, StringComparison.Ordinal))
            {
                names.Add(Path.GetFileName(target));
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
