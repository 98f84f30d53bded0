namespace ProcFs.Cgroups.Tests;

/// <summary>Counters of faults and reclaim: the same model from both versions, of the container's own level.</summary>
public sealed class MemoryEventTests
{
    private const ResourceGroups Groups = ResourceGroups.MemoryEvents | ResourceGroups.Slabs;

    [Fact]
    public void The_same_counters_in_both_versions_give_the_same_numbers()
    {
        using Fixture v1 = new(CgroupVersion.V1);
        v1.File("memory", "/a", "memory.stat", "pgfault 99\npgpgin 98\ntotal_pgfault 5\ntotal_pgmajfault 6\ntotal_pgpgin 97\ntotal_workingset_refault_anon 7\n")
            .File("memory", "/a", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 8\n");
        using Fixture v2 = new(CgroupVersion.V2);
        v2.File("memory", "/a", "memory.stat", "pgfault 5\npgmajfault 6\nworkingset_refault_anon 7\n").File("memory", "/a", "memory.events", "oom 1\noom_kill 8\noom_group_kill 3\n");
        long[] expected = [.. MemoryEvents.Names.Select(name => name switch { "pgfault" => 5, "pgmajfault" => 6, "workingset_refault_anon" => 7, "oom_kill" => 8, _ => -1L })];
        Assert.Equal(expected, v1.Read("/a", Groups).MemoryEvents.ToArray());
        Assert.Equal(expected, v2.Read("/a", Groups).MemoryEvents.ToArray());
    }

    [Fact]
    public void Every_name_is_read_where_v2_has_it_and_found_again()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("memory", "/a", "memory.stat", string.Concat(MemoryEvents.Names.Skip(1).Select((name, i) => $"{name} {100 + i}\n")));
        long[] read = fixture.Read("/a", Groups).MemoryEvents.ToArray();
        Assert.Equal([-1L, .. Enumerable.Range(100, MemoryEvents.Count - 1).Select(number => (long)number)], read);
        Assert.All(MemoryEvents.Names.Select((name, i) => (name, i)), entry => Assert.Equal(entry.i, MemoryEvents.Find(System.Text.Encoding.ASCII.GetBytes(entry.name))));
        Assert.Equal(-1, MemoryEvents.Find("pgpgin"u8));
    }

    [Theory]
    [InlineData(CgroupVersion.V1)]
    [InlineData(CgroupVersion.V2)]
    public void What_an_ancestor_counts_is_not_the_containers(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.File("memory", "/a", "memory.stat", "pgfault 5\ntotal_pgfault 5\n").Cgroup("/a/b");
        Assert.Empty(fixture.Read("/a/b", Groups).MemoryEvents.ToArray());
        Assert.Equal(ControllerScope.Root, fixture.Read("/", Groups).OwnMemoryScope);
        Assert.Empty(fixture.Resources.MemoryEvents.ToArray());
    }

    [Theory]
    [InlineData(CgroupVersion.V1, "total_pgfault")]
    [InlineData(CgroupVersion.V2, "pgfault")]
    public void A_number_that_is_none_is_told_and_not_known(CgroupVersion version, string key)
    {
        using Fixture fixture = new(version);
        fixture.File("memory", "/a", "memory.stat", $"{key} 99999999999999999999\n");
        Assert.Equal(-1, fixture.Read("/a", Groups).MemoryEvents[MemoryEvents.Find("pgfault"u8)]);
        Assert.Single(fixture.Reports);
    }

    [Fact]
    public void Slab_caches_of_an_old_v1_kernel_come_without_headings()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.File("memory", "/a", "memory.kmem.slabinfo", "slabinfo - version: 2.1\n# name  <active_objs>\ndentry 1 2\n\ninode 3 4");
        Assert.Equal("dentry 1 2\ninode 3 4\n", System.Text.Encoding.ASCII.GetString(fixture.Read("/a", Groups).Slabs));
        Assert.Empty(fixture.Cgroup("/b").Read("/b", Groups).Slabs.ToArray());
    }
}
