namespace ProcFs.Cgroups.Tests;

/// <summary>A read that repeats allocates nothing. Measured on optimised code, see the project file.</summary>
public sealed class AllocationTests
{
    private const int Reads = 10_000;

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void Ten_thousand_reads_allocate_nothing(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        fixture.Memory(new MemoryModel("/p", 1 << 30, UsageBytes: 5), new MemoryModel("/p/c", UsageBytes: 4, SwapAccounted: true, SwapLimitBytes: 9));
        fixture.File("cpu,cpuacct", "/p/c", "cpu.max", "150000 100000\n").File("cpu,cpuacct", "/p/c", "cpu.stat", "usage_usec 5\nuser_usec 4\n")
            .File("cpu,cpuacct", "/p/c", "cpu.cfs_quota_us", "150000\n").File("cpu,cpuacct", "/p/c", "cpu.cfs_period_us", "100000\n")
            .File("cpu,cpuacct", "/p/c", "cpuacct.usage", "5\n").File("cpu,cpuacct", "/p/c", "cpuacct.usage_percpu", "1 2 3 \n")
            .File("cpuset", "/p/c", "cpuset.cpus.effective", "0-3\n").File("cpuset", "/p/c", "cpuset.effective_cpus", "0-3\n")
            .File("blkio", "/p/c", "io.stat", "8:0 rbytes=1 rios=1\n8:16 rbytes=1 rios=1\n")
            .File("blkio", "/p/c", "blkio.throttle.io_service_bytes", "8:0 Read 1\nTotal 1\n")
            .File("blkio", "/p/c", "blkio.throttle.io_serviced", "8:0 Read 1\nTotal 1\n")
            .File("hugetlb", "/p/c", "hugetlb.2MB.max", "max\n").File("hugetlb", "/p/c", "hugetlb.2MB.limit_in_bytes", "1\n");
        ContainerCgroups cgroups = fixture.Open("/p/c");
        ContainerResources read = fixture.Resources;

        // More than a second in all: the check for missing files is among what is measured.
        AssertNothingAllocated(() => cgroups.TryRead(ResourceGroups.All, read), Reads);
        Assert.Equal(ControllerScope.Container, read.MemoryScope);
        Assert.Equal(ControllerScope.Container, read.BlockIoScope);
        Assert.Equal(ControllerScope.Container, read.HugetlbScope);
        Assert.Equal(ControllerScope.Container, read.CpuSetScope);
        Assert.NotNull(read.Quota);
    }

    [Fact]
    public void Listing_processes_allocates_nothing()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "cgroup.procs", "3\n1\n").File("", "/a/b/c", "cgroup.procs", "2\n");
        ContainerCgroups cgroups = fixture.Open("/a");
        int[] into = new int[8];
        AssertNothingAllocated(() => cgroups.ListProcesses(into, out bool truncated) == 3 && !truncated, 1_000);
    }

    private static void AssertNothingAllocated(Func<bool> action, int times)
    {
        Repeat(action, times / 5);
        Thread.Sleep(200); // whatever the runtime still compiles in the background
        Allocated.AssertNone(() => Repeat(action, times));
    }

    private static void Repeat(Func<bool> action, int times)
    {
        bool ok = true;
        for (int i = 0; i < times; i++)
        {
            ok &= action();
        }

        if (!ok)
        {
            throw new InvalidOperationException("a read failed");
        }
    }
}
