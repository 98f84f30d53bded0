using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Tests;

/// <summary>Serving a container again and again allocates nothing, from looking up the caller to the last digit.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData("v1", "meminfo")]
    [InlineData("v1", "stat")]
    [InlineData("v1", "uptime")]
    [InlineData("v1", "cpuinfo")]
    [InlineData("v1", "diskstats")]
    [InlineData("v1", "loadavg")]
    [InlineData("v1", "vmstat")]
    [InlineData("v1", "slabinfo")]
    [InlineData("v2", "loadavg")]
    [InlineData("v2", "vmstat")]
    [InlineData("v2", "meminfo")]
    [InlineData("v2", "stat")]
    [InlineData("v2", "uptime")]
    [InlineData("v2", "swaps")]
    [InlineData("v2", "diskstats")]
    [InlineData("v2", "cpu/online")]
    [InlineData("v2", "pressure/io")]
    public void A_request_allocates_nothing(string version, string name)
    {
        using HostTree host = HostTree.Of(version);
        host.Process(10, 100000, "/c", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1);
        host.Cgroup("/c", version == "v1"
            ? [("memory.limit_in_bytes", "536870912"), ("memory.usage_in_bytes", "4096000"), ("memory.stat", "hierarchical_memory_limit 536870912\ntotal_cache 8192"),
                ("cpu.cfs_quota_us", "150000"), ("cpu.cfs_period_us", "100000"), ("cpuset.effective_cpus", "0-3"),
                ("cpuacct.usage", "3000000000"), ("cpuacct.usage_percpu", "1000000000 2000000000 0 0"), ("cpuacct.stat", "user 200\nsystem 100"),
                ("blkio.throttle.io_serviced_recursive", "8:0 Read 3\n8:0 Write 4\nTotal 7"), ("blkio.throttle.io_service_bytes_recursive", "8:0 Read 4096\n8:0 Write 8192\nTotal 12288")]
            : [("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192"), ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"),
                ("cpu.stat", "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000"), ("io.stat", "8:0 rbytes=4096 wbytes=8192 rios=3 wios=4 dbytes=0 dios=0"),
                ("io.pressure", HostTexts.Pressure)]);
        host.WriteProcs("/c", "10\n");
        Serving.ViewRenderer renderer = host.FixedClockRenderer();
        IProcFile file = ProcFiles.Find(name)!;
        TextBuffer output = new();
        for (int i = 0; i < 200; i++)
        {
            Render(renderer, file, output);
        }

        Assert.NotEqual(0, output.Length);
        Allocated.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                Render(renderer, file, output);
            }
        });
    }

    private static void Render(Serving.ViewRenderer renderer, IProcFile file, TextBuffer output)
    {
        output.Clear();
        renderer.Render(file, 0, 10, output);
    }
}
