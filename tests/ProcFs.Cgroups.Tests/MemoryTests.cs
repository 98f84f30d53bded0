namespace ProcFs.Cgroups.Tests;

/// <summary>Limits, usage, counters and levels. Numbers as in the conformance vectors of docs/fields/meminfo.md.</summary>
public sealed class MemoryTests
{
    private const long MiB = 1 << 20;

    public static TheoryData<CgroupVersion> Versions => [CgroupVersion.V1, CgroupVersion.V2];

    [Theory, MemberData(nameof(Versions))]
    public void Without_a_limit_there_is_none_and_no_level(CgroupVersion version)
    {
        MemoryStat stat = new()
        {
            Anon = 419430400,
            Cache = 524288000,
            Shmem = 104857600,
            Mapped = 52428800,
            Dirty = 40960,
            InactiveAnon = 471859200,
            ActiveAnon = 52428800,
            InactiveFile = 314572800,
            ActiveFile = 104857600,
            SlabUnreclaimable = 10485760,
        };
        if (version == CgroupVersion.V2)
        {
            stat = stat with { SlabReclaimable = 20971520, KernelStack = 1048576, PageTables = 2097152 };
        }

        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/a", UsageBytes: 1048576000, Stat: stat));
        ContainerResources read = fixture.Read("/a");
        Assert.Equal(ControllerScope.Container, read.MemoryScope);
        Assert.Equal(new MemoryResources(null, 1048576000, stat, null), read.Memory);
        Assert.Empty(read.MemoryLevels.ToArray());
        Assert.Empty(fixture.Reports);

        // MemFree 15360000 kB and MemAvailable 15790080 kB on a host of 16384000 kB
        Assert.Equal(15360000, (16384000L * 1024 - read.Memory.UsageBytes) / 1024);
        long available = version == CgroupVersion.V2 ? 15790080 : 15769600;
        Assert.Equal(available, (16384000L * 1024 - read.Memory.UsageBytes + read.Memory.Stat.Reclaimable) / 1024);
    }

    [Theory, MemberData(nameof(Versions))]
    public void A_limit_with_swap_reads_the_same_from_both_versions(CgroupVersion version)
    {
        MemoryStat stat = new()
        {
            Cache = 209715200,
            Anon = 104857600,
            Shmem = 10485760,
            Mapped = 20971520,
            Dirty = 40960,
            InactiveAnon = 94371840,
            ActiveAnon = 20971520,
            InactiveFile = 167772160,
            ActiveFile = 31457280,
            SlabUnreclaimable = 8388608,
        };
        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/a", 536870912, UsageBytes: 322961408, Stat: stat,
            SwapAccounted: true, SwapLimitBytes: 268435456, SwapUsedBytes: 52428800));
        ContainerResources read = fixture.Read("/a");
        Assert.Equal(new MemoryResources(536870912, 322961408, stat, new SwapResources(268435456, 52428800)), read.Memory);
        Assert.Equal([new MemoryLevel(536870912, 322961408, 199229440)], read.MemoryLevels.ToArray());
        Assert.Equal(208896, (536870912 - 322961408) / 1024);
        Assert.Equal(403456, (536870912 - 322961408 + read.MemoryLevels[0].ReclaimableBytes) / 1024);
    }

    [Theory, MemberData(nameof(Versions))]
    public void Usage_above_the_limit_stays_what_it_is(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/a", 536870912, UsageBytes: 629145600, Stat: new() { InactiveFile = 83886080, ActiveFile = 20971520 }));
        Assert.Equal([new MemoryLevel(536870912, 629145600, 104857600)], fixture.Read("/a").MemoryLevels.ToArray());
    }

    //  /pod      1 GiB, 900 MiB used, 200 MiB of it reclaimable
    //    /ctr    no limit, 50 MiB used
    [Theory, MemberData(nameof(Versions))]
    public void The_limit_is_the_tightest_above_the_container_and_each_limited_level_is_listed(CgroupVersion version)
    {
        MemoryStat pod = new() { InactiveFile = 157286400, ActiveFile = 31457280 };
        MemoryStat own = new() { Cache = 10485760, InactiveFile = 10485760 };
        if (version == CgroupVersion.V2)
        {
            pod = pod with { SlabReclaimable = 20971520 };
        }

        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/pod", 1073741824, UsageBytes: 943718400, Stat: pod), new MemoryModel("/pod/ctr", UsageBytes: 52428800, Stat: own));
        ContainerResources read = fixture.Read("/pod/ctr");
        Assert.Equal(new MemoryResources(1073741824, 52428800, own, null), read.Memory);
        Assert.Equal([new MemoryLevel(1073741824, 943718400, pod.Reclaimable)], read.MemoryLevels.ToArray());
        Assert.Equal(126976, (1073741824 - 943718400) / 1024);
        Assert.Equal(version == CgroupVersion.V2 ? 331776 : 311296, (1073741824 - 943718400 + pod.Reclaimable) / 1024);
    }

    [Theory, MemberData(nameof(Versions))]
    public void Levels_are_listed_from_the_container_upwards_and_without_the_root(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Memory(
            new MemoryModel("/", 1 * MiB, UsageBytes: 1),
            new MemoryModel("/a", 300 * MiB, UsageBytes: 3),
            new MemoryModel("/a/b", 100 * MiB, UsageBytes: 2),
            new MemoryModel("/a/b/c", 200 * MiB, UsageBytes: 1));
        if (version == CgroupVersion.V1)
        {
            // a real root has no limit, so v1's own sum must not see ours either
            fixture.File("memory", "/a/b/c", "memory.stat", $"hierarchical_memory_limit {100 * MiB}\n");
        }

        ContainerResources read = fixture.Read("/a/b/c");
        Assert.Equal(100 * MiB, read.Memory.LimitBytes);
        Assert.Equal([new(200 * MiB, 1, 0), new(100 * MiB, 2, 0), new(300 * MiB, 3, 0)], read.MemoryLevels.ToArray());
    }

    [Theory]
    [InlineData("68719476736", 68719476736)]
    [InlineData("9223372036854771712", null)]
    [InlineData("9223372036854710272", null)] // pages of 64 KiB
    [InlineData("9223372036854775807", null)]
    [InlineData("18446744073709551615", null)]
    [InlineData("4611686018427387904", null)]
    [InlineData("4611686018427387903", 4611686018427387903)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("", null)]
    [InlineData("rubbish", null)]
    public void A_v1_limit_near_2_to_63_is_none_and_one_above_the_host_is_kept(string text, long? expected)
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.File("memory", "/a", "memory.limit_in_bytes", text + "\n").File("memory", "/a", "memory.usage_in_bytes", "1073741824\n")
            .File("memory", "/a", "memory.stat", "total_cache 0\n");
        Assert.Equal(expected, fixture.Read("/a").Memory.LimitBytes);
        Assert.Equal(1073741824, fixture.Resources.Memory.UsageBytes);

        fixture.File("memory", "/a", "memory.stat", $"hierarchical_memory_limit {text}\n");
        Assert.Equal(expected, fixture.Read("/a").Memory.LimitBytes);
    }

    [Theory]
    [InlineData("max", null)]
    [InlineData("68719476736", 68719476736)]
    [InlineData("0", null)]
    [InlineData("9223372036854775808", null)]
    [InlineData("maximum", null)]
    [InlineData("", null)]
    public void A_v2_limit_of_zero_or_rubbish_is_none(string text, long? expected)
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", UsageBytes: 1)).File("memory", "/a", "memory.max", text + "\n");
        Assert.Equal(expected, fixture.Read("/a").Memory.LimitBytes);
    }

    [Fact]
    public void High_plays_the_limit_only_where_no_level_has_one()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", HighBytes: 2147483648, UsageBytes: 1073741824));
        ContainerResources read = fixture.Read("/a");
        Assert.Equal(2147483648, read.Memory.LimitBytes);
        Assert.Equal([new MemoryLevel(2147483648, 1073741824, 0)], read.MemoryLevels.ToArray());

        fixture.Memory(new MemoryModel("/a", 4294967296, 2147483648, 1073741824));
        read = fixture.Read("/a");
        Assert.Equal(4294967296, read.Memory.LimitBytes);
        Assert.Equal([new MemoryLevel(4294967296, 1073741824, 0)], read.MemoryLevels.ToArray());

        // the parent's hard limit hides the child's mark
        fixture.Memory(new MemoryModel("/p", 4294967296, UsageBytes: 9), new MemoryModel("/p/c", HighBytes: 2147483648, UsageBytes: 8));
        read = fixture.Read("/p/c");
        Assert.Equal(4294967296, read.Memory.LimitBytes);
        Assert.Equal([new MemoryLevel(4294967296, 9, 0)], read.MemoryLevels.ToArray());
    }

    //  /p      1 GiB
    //    /c    memory controller not enabled
    [Fact]
    public void Usage_and_counters_come_together_from_the_nearest_level_that_has_both()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/p", 1073741824, UsageBytes: 209715200, Stat: new() { Cache = 104857600 })).Cgroup("/p/c");
        ContainerResources read = fixture.Read("/p/c");
        Assert.Equal(ControllerScope.Container, read.MemoryScope);
        Assert.Equal(new MemoryResources(1073741824, 209715200, new() { Cache = 104857600 }, null), read.Memory);
        Assert.Equal([new MemoryLevel(1073741824, 209715200, 0)], read.MemoryLevels.ToArray());
        Assert.Equal(843776, (1073741824 - 209715200) / 1024);

        // one of the two is not enough
        fixture.File("memory", "/p/c", "memory.current", "5\n");
        Assert.Equal(209715200, fixture.Read("/p/c").Memory.UsageBytes);
    }

    [Fact]
    public void A_v1_level_that_does_not_count_its_children_does_not_limit_them()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.Memory(new MemoryModel("/p", 100 * MiB, UsageBytes: 7), new MemoryModel("/p/c", 200 * MiB, UsageBytes: 8))
            .File("memory", "/p", "memory.use_hierarchy", "0\n")
            .File("memory", "/p/c", "memory.stat", $"hierarchical_memory_limit {200 * MiB}\n");
        ContainerResources read = fixture.Read("/p/c");
        Assert.Equal(200 * MiB, read.Memory.LimitBytes);
        Assert.Equal([new MemoryLevel(200 * MiB, 8, 0)], read.MemoryLevels.ToArray());
    }

    [Theory, MemberData(nameof(Versions))]
    public void Every_counter_has_its_own_key(CgroupVersion version)
    {
        MemoryStat stat = new()
        {
            Cache = 1001,
            Anon = 1002,
            Shmem = 1003,
            Mapped = 1004,
            Dirty = 1005,
            Writeback = 1006,
            SwapCached = 1007,
            ActiveAnon = 1008,
            InactiveAnon = 1009,
            ActiveFile = 1010,
            InactiveFile = 1011,
            Unevictable = 1012,
            SlabUnreclaimable = 1013,
            AnonHuge = 1014,
        };
        if (version == CgroupVersion.V2)
        {
            stat = stat with
            {
                SlabReclaimable = 1015,
                KernelStack = 1016,
                PageTables = 1017,
                SecPageTables = 1018,
                Percpu = 1019,
                Vmalloc = 1020,
                ShmemHuge = 1021,
                FileHuge = 1022,
                Zswap = 1023,
                Zswapped = 1024,
            };
        }

        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/a", UsageBytes: 1, Stat: stat));
        Assert.Equal(stat, fixture.Read("/a").Memory.Stat);
    }

    [Theory]
    [InlineData(CgroupVersion.V2, "file_mapped 5\nfilex 6\nfi 7\nfile5 8\nfile\t9\nfile 10\n")]
    [InlineData(CgroupVersion.V1, "total_cachex 5\ntotal_cach 6\ncache 7\ntotal_cache\t9\ntotal_cache 10\n")]
    public void A_key_is_never_matched_by_its_beginning(CgroupVersion version, string text)
    {
        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/a")).File("memory", "/a", "memory.stat", text);
        MemoryStat stat = fixture.Read("/a").Memory.Stat;
        Assert.Equal(10, stat.Cache);
        Assert.Equal(version == CgroupVersion.V2 ? 5 : 0, stat.Mapped);
    }

    [Fact]
    public void Rss_does_not_swallow_rss_huge()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.Memory(new MemoryModel("/a")).File("memory", "/a", "memory.stat", "total_rss_huge 5\ntotal_rss 4\n");
        Assert.Equal(new MemoryStat { Anon = 4, AnonHuge = 5 }, fixture.Read("/a").Memory.Stat);
    }

    [Theory, MemberData(nameof(Versions))]
    public void The_scope_tells_root_container_and_absent_apart(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/", 5), new MemoryModel("/a", 6)).Cgroup("/empty");
        Assert.Equal(ControllerScope.Root, fixture.Read("/").MemoryScope);
        Assert.Equal(ControllerScope.Container, fixture.Read("/a").MemoryScope);
        Assert.Equal(ControllerScope.Absent, fixture.Read("/empty").MemoryScope);
        Assert.Equal(default, fixture.Resources.Memory);
        Assert.Empty(fixture.Resources.MemoryLevels.ToArray());

        CgroupTree tree = fixture.Tree();
        Assert.True(tree.Open(CgroupPaths.None(tree.Layout)).TryRead(ResourceGroups.All, fixture.Resources));
        Assert.Equal(ControllerScope.Absent, fixture.Resources.MemoryScope);
        Assert.Equal(ControllerScope.Absent, fixture.Resources.CpuUsageScope);
    }
}
