namespace ProcFs.Cgroups.Tests;

/// <summary>Swap alone. Numbers as in the conformance vectors of docs/fields/swaps.md.</summary>
public sealed class SwapTests
{
    private const long Memory = 536870912;

    [Theory]
    [InlineData("max", 104857600, null)]
    [InlineData("536870912", 104857600, 536870912L)]
    [InlineData("0", 104857600, 0L)]
    public void V2_limits_swap_alone(string max, long current, long? limit)
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", Memory))
            .File("memory", "/a", "memory.swap.max", max + "\n").File("memory", "/a", "memory.swap.current", current + "\n");
        Assert.Equal(new SwapResources(limit, current), fixture.Read("/a").Memory.Swap);
    }

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void Without_swap_files_there_is_no_swap(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/a", Memory, UsageBytes: 5));
        Assert.Null(fixture.Read("/a").Memory.Swap);
    }

    [Fact]
    public void V1_without_memsw_files_has_no_swap_whatever_the_counters_say()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.Memory(new MemoryModel("/a", Memory))
            .File("memory", "/a", "memory.stat", "hierarchical_memsw_limit 805306368\ntotal_swap 5\n").File("memory", "/a", "memory.swappiness", "60\n");
        Assert.Null(fixture.Read("/a").Memory.Swap);
    }

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void The_tightest_swap_limit_above_counts(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Memory(
            new MemoryModel("/p", Memory, SwapAccounted: true, SwapLimitBytes: 1000, SwapUsedBytes: 300),
            new MemoryModel("/p/c", Memory, SwapAccounted: true, SwapLimitBytes: 5000, SwapUsedBytes: 100));
        Assert.Equal(new SwapResources(1000, 100), fixture.Read("/p/c").Memory.Swap);

        if (version == CgroupVersion.V1)
        {
            // the same without v1's own sum
            fixture.File("memory", "/p/c", "memory.stat", "total_swap 100\n");
            Assert.Equal(new SwapResources(1000, 100), fixture.Read("/p/c").Memory.Swap);
        }
    }

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void No_swap_limit_anywhere_is_none(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/p", Memory, SwapAccounted: true), new MemoryModel("/p/c", 7, SwapAccounted: true, SwapUsedBytes: 4));
        Assert.Equal(new SwapResources(null, 4), fixture.Read("/p/c").Memory.Swap);
    }

    [Theory]
    [InlineData("60", 52428800, 268435456, 52428800)]  // memsw - mem
    [InlineData("0", 52428800, 268435456, 52428800)]   // nothing more goes out, which is no limit
    [InlineData("60", 314572800, 314572800, 314572800)] // more out than memsw - mem
    [InlineData("0", 0, 268435456, 0)]
    public void V1_swap_is_memsw_without_memory_and_at_least_what_is_used(string swappiness, long swap, long limit, long used)
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.Memory(new MemoryModel("/a", Memory, UsageBytes: 322961408, SwapAccounted: true, SwapLimitBytes: 268435456, SwapUsedBytes: swap))
            .File("memory", "/a", "memory.swappiness", swappiness + "\n");
        Assert.Equal(new SwapResources(limit, used, IsOff: swappiness == "0"), fixture.Read("/a").Memory.Swap);
    }

    [Theory]
    [InlineData("375390208", 52428800)]
    [InlineData("322961407", 0)] // read at another moment: never negative
    public void V1_without_total_swap_takes_the_difference_of_the_usages(string both, long used)
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.Memory(new MemoryModel("/a", Memory, UsageBytes: 322961408, SwapAccounted: true, SwapLimitBytes: 268435456))
            .File("memory", "/a", "memory.stat", "total_rss 1\n").File("memory", "/a", "memory.memsw.usage_in_bytes", both + "\n");
        Assert.Equal(new SwapResources(268435456, used), fixture.Read("/a").Memory.Swap);
    }

    [Fact]
    public void Swap_is_taken_where_memory_is_accounted()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/p", Memory, SwapAccounted: true, SwapLimitBytes: 1000, SwapUsedBytes: 300)).Cgroup("/p/c");
        Assert.Equal(new SwapResources(1000, 300), fixture.Read("/p/c").Memory.Swap);
    }
}
