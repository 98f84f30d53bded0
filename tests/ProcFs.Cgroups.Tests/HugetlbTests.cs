namespace ProcFs.Cgroups.Tests;

public sealed class HugetlbTests
{
    private const long MiB = 1 << 20;

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void Each_size_has_the_tightest_limit_and_the_nearest_usage(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        Write(fixture, "/p", "2MB", 4 * MiB, 3 * MiB);
        Write(fixture, "/p", "1GB", null, 2048 * MiB);
        Write(fixture, "/p/c", "1GB", 1024 * MiB, 0);
        Write(fixture, "/p/c", "2MB", null, 2 * MiB);
        ContainerResources read = fixture.Read("/p/c");
        Assert.Equal(ControllerScope.Container, read.HugetlbScope);
        Assert.Equal([new(2 * MiB, 4 * MiB, 2 * MiB), new(1024 * MiB, 1024 * MiB, 0)], read.Hugetlb.ToArray());
        Assert.Empty(fixture.Reports);
    }

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void A_limit_of_zero_is_a_limit(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        Write(fixture, "/a", "64KB", 0, 0);
        Assert.Equal([new HugetlbResources(65536, 0, 0)], fixture.Read("/a").Hugetlb.ToArray());
    }

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void Without_files_it_is_absent_and_looked_for_again_later(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Cgroup("/a");
        ManualTime time = new();
        ContainerCgroups cgroups = fixture.Open("/a", time);
        Assert.True(cgroups.TryRead(ResourceGroups.Hugetlb, fixture.Resources));
        Assert.Equal(ControllerScope.Absent, fixture.Resources.HugetlbScope);
        Write(fixture, "/a", "2MB", null, 0);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(cgroups.TryRead(ResourceGroups.Hugetlb, fixture.Resources));
        Assert.Equal([new HugetlbResources(2 * MiB, null, 0)], fixture.Resources.Hugetlb.ToArray());
    }

    private static void Write(Fixture fixture, string cgroup, string size, long? limit, long usage)
    {
        if (fixture.Version == CgroupVersion.V2)
        {
            fixture.File("", cgroup, $"hugetlb.{size}.max", limit is null ? "max\n" : $"{limit}\n").File("", cgroup, $"hugetlb.{size}.current", $"{usage}\n")
                .File("", cgroup, $"hugetlb.{size}.rsvd.max", "1\n").File("", cgroup, $"hugetlb.{size}.rsvd.current", "1\n")
                .File("", cgroup, $"hugetlb.{size}.events", "max 0\n");
            return;
        }

        fixture.File("hugetlb", cgroup, $"hugetlb.{size}.limit_in_bytes", $"{limit ?? 9223372036852678656}\n")
            .File("hugetlb", cgroup, $"hugetlb.{size}.usage_in_bytes", $"{usage}\n")
            .File("hugetlb", cgroup, $"hugetlb.{size}.rsvd.limit_in_bytes", "1\n").File("hugetlb", cgroup, $"hugetlb.{size}.max_usage_in_bytes", "1\n");
    }
}
