namespace ProcFs.Tests;

/// <summary>/proc/diskstats: docs/fields/diskstats.md.</summary>
public sealed class DiskstatsTests
{
    private const string IoStat = "8:0 rbytes=1048576 wbytes=2097152 rios=100 wios=50 dbytes=512 dios=1\n259:99 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n253:0 \n";

    [Fact]
    public void D1_on_v2_only_devices_with_counters_have_a_line()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("io.stat", IoStat));
        Assert.Equal("   8       0 sda 100 0 2048 0 50 0 4096 0 0 0 0 1 0 1 0 0 0\n", host.Show("diskstats"));
    }

    [Theory]
    [InlineData(11, "   8       0 sda 100 0 2048 0 50 0 4096 0 0 0 0\n")]
    [InlineData(15, "   8       0 sda 100 0 2048 0 50 0 4096 0 0 0 0 1 0 1 0\n")]
    public void D1_as_many_columns_as_the_host_has(int numbers, string expected)
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("io.stat", IoStat));
        host.Write("proc/diskstats", "   8       0 sda" + string.Concat(Enumerable.Repeat(" 5", numbers)) + "\n");
        Assert.Equal(expected, host.Show("diskstats"));
    }

    [Fact]
    public void D2_on_v1_the_first_set_of_counters_with_a_device_counts()
    {
        using HostTree host = HostTree.V1().Cgroup("/c",
            ("blkio.bfq.io_serviced_recursive", "Total 0"), ("blkio.bfq.io_service_bytes_recursive", "Total 0"),
            ("blkio.throttle.io_serviced_recursive", "254:0 Read 32\n254:0 Write 34\n254:0 Sync 66\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 66\nTotal 66"),
            ("blkio.throttle.io_service_bytes_recursive", "254:0 Read 16777216\n254:0 Write 16781312\n254:0 Discard 0\n254:0 Total 33558528\nTotal 33558528"));
        Assert.Equal(" 254       0 vda 32 0 32768 0 34 0 32776 0 0 0 0 0 0 0 0 0 0\n", host.Show("diskstats"));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void Without_counters_the_file_is_empty_and_never_the_hosts(string version)
    {
        using HostTree host = HostTree.Of(version).Cgroup("/c",
            version == "v1" ? [("blkio.throttle.io_serviced_recursive", "Total 0"), ("blkio.throttle.io_service_bytes_recursive", "Total 0")] : [("io.stat", "")]);
        Assert.Equal("", host.Show("diskstats"));
    }
}
