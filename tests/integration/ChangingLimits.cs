namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, then 96 MiB; quota 1 CPU, then 2, then none
public sealed class ChangingLimits(ServedTree tree)
{
    [Fact]
    public void A_limit_that_changes_while_the_container_runs_is_seen_at_the_next_read()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, Quota = 100000 });
        Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        CpuView.AssertShows(1, container);

        TestCgroup.SetMemory(container.CgroupPath, 96 << 20);
        TestCgroup.SetQuota(container.CgroupPath, 200000);

        Assert.Equal(96 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        CpuView.AssertShows(Host.CpusWithin(200000), container);

        TestCgroup.SetQuota(container.CgroupPath, null);

        CpuView.AssertShows(Host.Cpus.Count, container);
    }
}
