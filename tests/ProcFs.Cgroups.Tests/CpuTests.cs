namespace ProcFs.Cgroups.Tests;

/// <summary>Quota, time and CPU sets. Numbers as in the conformance vectors of docs/fields/cpuinfo.md and stat.md.</summary>
public sealed class CpuTests
{
    public static TheoryData<CgroupVersion> Versions => [CgroupVersion.V1, CgroupVersion.V2];

    [Theory]
    [InlineData(CgroupVersion.V1, 150000, 2)]
    [InlineData(CgroupVersion.V2, 150000, 2)]
    [InlineData(CgroupVersion.V1, 50000, 1)]
    [InlineData(CgroupVersion.V2, 50000, 1)]
    [InlineData(CgroupVersion.V1, 800000, 8)]
    [InlineData(CgroupVersion.V2, 200000, 2)]
    public void A_quota_stays_a_fraction(CgroupVersion version, long quota, long ceiling)
    {
        using Fixture fixture = new(version);
        WriteQuota(fixture, "/a", quota, 100000);
        ContainerResources read = fixture.Read("/a");
        Assert.Equal(ControllerScope.Container, read.CpuQuotaScope);
        Assert.Equal(new CpuQuota(quota, 100000), read.Quota);
        Assert.Equal(ceiling, read.Quota!.Value.CeilingCpus);
    }

    [Theory, MemberData(nameof(Versions))]
    public void No_quota_is_null(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        WriteQuota(fixture, "/a", null, 100000);
        fixture.Cgroup("/none");
        Assert.Null(fixture.Read("/a").Quota);
        Assert.Equal(ControllerScope.Container, fixture.Resources.CpuQuotaScope);
        Assert.Null(fixture.Read("/none").Quota);
        Assert.Equal(ControllerScope.Absent, fixture.Resources.CpuQuotaScope);
        Assert.Equal(ControllerScope.Root, fixture.Read("/").CpuQuotaScope);
        Assert.Empty(fixture.Reports);
    }

    [Theory]
    [InlineData(CgroupVersion.V1, null)]
    [InlineData(CgroupVersion.V2, null)]
    [InlineData(CgroupVersion.V1, 300000L)]
    [InlineData(CgroupVersion.V2, 300000L)]
    public void The_tightest_quota_up_the_tree_counts(CgroupVersion version, long? child)
    {
        using Fixture fixture = new(version);
        WriteQuota(fixture, "/p", 200000, 100000);
        WriteQuota(fixture, "/p/c", child, 100000);
        Assert.Equal(new CpuQuota(200000, 100000), fixture.Read("/p/c").Quota);
    }

    [Theory, MemberData(nameof(Versions))]
    public void Quotas_of_different_periods_are_compared_exactly(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        WriteQuota(fixture, "/p", 10000, 20000);
        WriteQuota(fixture, "/p/c", 499999, 1000000);
        Assert.Equal(new CpuQuota(499999, 1000000), fixture.Read("/p/c").Quota);
        Assert.True(new CpuQuota(long.MaxValue - 1, long.MaxValue).IsTighterThan(new CpuQuota(long.MaxValue, long.MaxValue)));
        Assert.False(new CpuQuota(1, 1).IsTighterThan(new CpuQuota(5, 5)));
        Assert.Equal(1, new CpuQuota(1, long.MaxValue).CeilingCpus);
        Assert.Equal(long.MaxValue, new CpuQuota(long.MaxValue, 1).CeilingCpus);
    }

    [Theory]
    [InlineData(CgroupVersion.V2, "cpu.max", "rubbish 100000\n")]
    [InlineData(CgroupVersion.V2, "cpu.max", "100000 0\n")]
    [InlineData(CgroupVersion.V2, "cpu.max", "100000\n")]
    [InlineData(CgroupVersion.V2, "cpu.max", "-1 100000\n")]
    [InlineData(CgroupVersion.V1, "cpu.cfs_quota_us", "rubbish\n")]
    [InlineData(CgroupVersion.V1, "cpu.cfs_quota_us", "-2\n")]
    [InlineData(CgroupVersion.V1, "cpu.cfs_quota_us", "99999999999999999999\n")]
    public void A_quota_that_makes_no_sense_is_absent_and_reported_once(CgroupVersion version, string name, string text)
    {
        using Fixture fixture = new(version);
        fixture.File("cpu,cpuacct", "/a", name, text).File("cpu,cpuacct", "/a", "cpu.cfs_period_us", "100000\n");
        ContainerCgroups cgroups = fixture.Open("/a");
        Assert.True(cgroups.TryRead(ResourceGroups.CpuQuota, fixture.Resources));
        Assert.True(cgroups.TryRead(ResourceGroups.CpuQuota, fixture.Resources));
        Assert.Null(fixture.Resources.Quota);
        Assert.Equal(ControllerScope.Absent, fixture.Resources.CpuQuotaScope);
        string report = Assert.Single(fixture.Reports);
        Assert.StartsWith($"{fixture.Root}/{fixture.PathOf("cpu,cpuacct", "/a").TrimStart('/')}/{name}, line 1: ", report, StringComparison.Ordinal);
    }

    [Fact]
    public void V1_divides_the_precise_total_by_the_ticks()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.File("cpu,cpuacct", "/a", "cpuacct.usage", "35000000000\n")
            .File("cpu,cpuacct", "/a", "cpuacct.usage_percpu", "20000000000 10000000000 5000000000 \n")
            .File("cpu,cpuacct", "/a", "cpuacct.stat", "user 2800\nsystem 700\n");
        ContainerResources read = fixture.Read("/a");
        Assert.Equal(ControllerScope.Container, read.CpuUsageScope);
        Assert.Equal(new CpuUsage(35000000000, 28000000000, 7000000000, null), read.Usage);
        Assert.Equal([20000000000, 10000000000, 5000000000], read.PerCpuNs.ToArray());
    }

    [Theory]
    [InlineData("user 0\nsystem 0\n", 1000, 0)]
    [InlineData("", 1000, 0)]
    [InlineData("system 5\n", 0, 1000)]
    [InlineData("user 9223372036854775807\nsystem 9223372036854775807\n", 500, 500)]
    public void V1_without_ticks_is_all_user(string stat, long user, long system)
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.File("cpu,cpuacct", "/a", "cpuacct.usage", "1000\n").File("cpu,cpuacct", "/a", "cpuacct.stat", stat);
        Assert.Equal(new CpuUsage(1000, user, system, null), fixture.Read("/a").Usage);
        Assert.Empty(fixture.Resources.PerCpuNs.ToArray());
    }

    [Theory]
    [InlineData("usage_usec 30000000\nuser_usec 20000000\nsystem_usec 10000000\n", 20000000000, 10000000000, null)]
    [InlineData("usage_usec 30000000\nuser_usec 20000000\nsystem_usec 10000000\nnice_usec 7\nnr_periods 5\n", 20000000000, 10000000000, 7000L)]
    [InlineData("usage_usec 30000000\n", 30000000000, 0, null)]
    [InlineData("usage_usec 30000000\nsystem_usec 10000000\n", 20000000000, 10000000000, null)]
    [InlineData("usage_usec 30000000\nsystem_usec 40000000\n", 0, 40000000000, null)]
    [InlineData("usage_usec 30000000\nuser_usec 20000000\n", 20000000000, 10000000000, null)]
    public void V2_has_user_and_system_time_in_microseconds(string stat, long user, long system, long? nice)
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "cpu.stat", stat);
        Assert.Equal(new CpuUsage(30000000000, user, system, nice), fixture.Read("/a").Usage);
        Assert.Empty(fixture.Resources.PerCpuNs.ToArray());
    }

    [Theory]
    [InlineData("usage_usec 9223372036854775807\n")]
    [InlineData("usage_usec 18446744073709551615\n")]
    [InlineData("usage_usec -5\n")]
    [InlineData("user_usec 5\n")]
    [InlineData("usage_usec\n")]
    [InlineData("")]
    public void A_total_that_does_not_fit_is_absent(string stat)
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "cpu.stat", stat);
        Assert.Null(fixture.Read("/a").Usage);
        Assert.Equal(ControllerScope.Absent, fixture.Resources.CpuUsageScope);
    }

    [Theory, MemberData(nameof(Versions))]
    public void Time_is_never_taken_from_an_ancestor(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.File("cpu,cpuacct", "/p", "cpuacct.usage", "1000\n").File("cpu,cpuacct", "/p", "cpu.stat", "usage_usec 1\n").Cgroup("/p/c");
        Assert.Equal(ControllerScope.Absent, fixture.Read("/p/c").CpuUsageScope);
        Assert.Equal(1000, fixture.Read("/p").Usage!.Value.TotalNs);
    }

    [Theory, MemberData(nameof(Versions))]
    public void The_cpu_set_is_the_effective_one(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.File("cpuset", "/a", version == CgroupVersion.V2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus", "0,2-3\n")
            .File("cpuset", "/a", "cpuset.cpus", "0-7\n");
        ContainerResources read = fixture.Read("/a");
        Assert.Equal(ControllerScope.Container, read.CpuSetScope);
        Assert.Equal([0, 2, 3], read.EffectiveCpus!.Cpus.ToArray());
    }

    [Fact]
    public void V2_does_not_read_the_configured_set_and_v1_only_without_an_effective_one()
    {
        using Fixture v2 = new(CgroupVersion.V2);
        v2.File("", "/a", "cpuset.cpus", "\n").File("", "/a", "cpuset.cpus.effective", "0-3\n");
        Assert.Equal("0-3", v2.Read("/a").EffectiveCpus!.Format());
        v2.Remove("", "/a/cpuset.cpus.effective");
        v2.File("", "/a", "cpuset.cpus", "1\n");
        Assert.Null(v2.Read("/a").EffectiveCpus);
        Assert.Equal(ControllerScope.Absent, v2.Resources.CpuSetScope);

        using Fixture v1 = new(CgroupVersion.V1);
        v1.File("cpuset", "/a", "cpuset.cpus", "1-2\n");
        Assert.Equal("1-2", v1.Read("/a").EffectiveCpus!.Format());
        v1.File("cpuset", "/a", "cpuset.effective_cpus", "\n");
        Assert.Equal("1-2", v1.Read("/a").EffectiveCpus!.Format());
    }

    [Theory, MemberData(nameof(Versions))]
    public void The_nearest_level_with_a_set_counts_the_root_included(CgroupVersion version)
    {
        string name = version == CgroupVersion.V2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus";
        using Fixture fixture = new(version);
        fixture.File("cpuset", "/", name, "0-3\n").File("cpuset", "/p", name, "1-2\n").File("cpuset", "/p/c", name, "\n").Cgroup("/q/r");
        Assert.Equal("1-2", fixture.Read("/p/c").EffectiveCpus!.Format());
        Assert.Equal("0-3", fixture.Read("/q/r").EffectiveCpus!.Format());
        Assert.Null(fixture.Read("/").EffectiveCpus);
        Assert.Equal(ControllerScope.Root, fixture.Resources.CpuSetScope);
    }

    [Fact]
    public void The_same_text_gives_the_same_set_object()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "cpuset.cpus.effective", "0-3\n");
        ContainerCgroups cgroups = fixture.Open("/a");
        Assert.True(cgroups.TryRead(ResourceGroups.CpuSet, fixture.Resources));
        CpuSet? first = fixture.Resources.EffectiveCpus;
        Assert.True(cgroups.TryRead(ResourceGroups.CpuSet, fixture.Resources));
        Assert.Same(first, fixture.Resources.EffectiveCpus);
        fixture.File("", "/a", "cpuset.cpus.effective", "0-2\n");
        Assert.True(cgroups.TryRead(ResourceGroups.CpuSet, fixture.Resources));
        Assert.Equal("0-2", fixture.Resources.EffectiveCpus!.Format());
    }

    [Fact]
    public void A_set_that_makes_no_sense_is_reported_and_the_level_above_counts()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/p", "cpuset.cpus.effective", "1\n").File("", "/p/c", "cpuset.cpus.effective", "0-99999999\n");
        Assert.Equal("1", fixture.Read("/p/c").EffectiveCpus!.Format());
        Assert.Single(fixture.Reports);
    }

    private static void WriteQuota(Fixture fixture, string cgroup, long? quota, long period)
    {
        if (fixture.Version == CgroupVersion.V2)
        {
            fixture.File("", cgroup, "cpu.max", $"{(quota is null ? "max" : quota)} {period}\n");
            return;
        }

        fixture.File("cpu,cpuacct", cgroup, "cpu.cfs_quota_us", $"{quota ?? -1}\n").File("cpu,cpuacct", cgroup, "cpu.cfs_period_us", $"{period}\n");
    }
}
