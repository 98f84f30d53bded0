namespace ProcFs.Cgroups.Tests;

/// <summary>Block devices. Numbers as in the conformance vectors of docs/fields/diskstats.md.</summary>
public sealed class BlockIoTests
{
    private const string Idle = "Total 0\n";

    [Fact]
    public void V2_counts_bytes_and_requests_and_leaves_out_devices_without_keys()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "io.stat",
            "8:0 rbytes=1048576 wbytes=2097152 rios=100 wios=50 dbytes=512 dios=1\n"
            + "259:99 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n253:0 \n");
        ContainerResources read = fixture.Read("/a");
        Assert.Equal(ControllerScope.Container, read.BlockIoScope);
        Assert.Equal(
            [
                new BlockIoDevice { Major = 8, ReadBytes = 1048576, WriteBytes = 2097152, Reads = 100, Writes = 50, DiscardBytes = 512, Discards = 1 },
                new BlockIoDevice { Major = 259, Minor = 99, ReadBytes = 4096, Reads = 1 },
            ],
            read.BlockIo.ToArray());
        Assert.Empty(fixture.Reports);
    }

    [Theory]
    [InlineData("8:0 rbytes=1 cost.vrate=100.00 use_delay=5 delay_nsec=7 rios=2 depth=max avg_lat=3\n")]
    [InlineData("253:0 8:0 rbytes=1 rios=2\n")] // kernels that do not end the line of a device without keys
    [InlineData("8:0 rbytes=1 rbytesx=7 xrbytes=7 bytes=7 ios=7 rios=2\n")]
    [InlineData("8:0 rbytes=1 rios=2")]
    public void V2_passes_over_keys_it_does_not_know(string text)
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "io.stat", text);
        Assert.Equal([new BlockIoDevice { Major = 8, ReadBytes = 1, Reads = 2 }], fixture.Read("/a").BlockIo.ToArray());
        Assert.Empty(fixture.Reports);
    }

    [Fact]
    public void V2_an_idle_file_is_empty_and_a_missing_one_absent()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/a", "io.stat", "").File("", "/a/b", "cpu.stat", "usage_usec 1\n");
        Assert.Equal(ControllerScope.Container, fixture.Read("/a").BlockIoScope);
        Assert.Empty(fixture.Resources.BlockIo.ToArray());
        Assert.Equal(ControllerScope.Absent, fixture.Read("/a/b").BlockIoScope);
        Assert.Equal(ControllerScope.Root, fixture.Read("/").BlockIoScope);
    }

    [Fact]
    public void V1_takes_the_throttle_counters_when_the_scheduler_has_none()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        WriteSet(fixture, "blkio.bfq.", "_recursive", Idle, Idle);
        WriteSet(fixture, "blkio.throttle.", "_recursive",
            "254:0 Read 16777216\n254:0 Write 16781312\n254:0 Sync 33558528\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 33558528\nTotal 33558528\n",
            "254:0 Read 32\n254:0 Write 34\n254:0 Sync 66\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 66\nTotal 66\n");
        WriteSet(fixture, "blkio.throttle.", "", "254:0 Read 7\nTotal 7\n", "254:0 Read 7\nTotal 7\n");
        Assert.Equal(
            [new BlockIoDevice { Major = 254, ReadBytes = 16777216, WriteBytes = 16781312, Reads = 32, Writes = 34 }],
            fixture.Read("/a").BlockIo.ToArray());
        Assert.Empty(fixture.Reports);
    }

    [Fact]
    public void V1_prefers_cfq_with_its_merges_and_times()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        WriteSet(fixture, "blkio.", "_recursive", "8:0 Read 4096\n8:0 Write 8192\n8:16 Discard 512\nTotal 12288\n", "8:0 Read 1\n8:0 Write 2\n8:16 Discard 3\nTotal 6\n");
        WriteSet(fixture, "blkio.bfq.", "_recursive", "8:0 Read 1\nTotal 1\n", "8:0 Read 1\nTotal 1\n");
        fixture.File("blkio", "/a", "blkio.io_merged_recursive", "8:0 Read 5\n8:0 Write 6\n8:0 Discard 7\n8:0 Total 18\nTotal 18\n");
        fixture.File("blkio", "/a", "blkio.io_service_time_recursive", "8:0 Read 1000\n8:0 Write 2000\n8:0 Discard 3000\n8:0 Total 6000\nTotal 6000\n");
        fixture.File("blkio", "/a", "blkio.io_wait_time_recursive", "8:0 Read 100\n8:0 Write 200\n8:0 Discard 300\n8:0 Total 600\nTotal 600\n");
        Assert.Equal(
            [
                new BlockIoDevice
                {
                    Major = 8, ReadBytes = 4096, WriteBytes = 8192, Reads = 1, Writes = 2, ReadsMerged = 5, WritesMerged = 6, DiscardsMerged = 7,
                    ReadTimeNs = 1100, WriteTimeNs = 2200, DiscardTimeNs = 3300, ServiceTimeNs = 6000,
                },
                new BlockIoDevice { Major = 8, Minor = 16, DiscardBytes = 512, Discards = 3 },
            ],
            fixture.Read("/a").BlockIo.ToArray());
    }

    [Fact]
    public void V1_a_set_with_only_one_of_its_files_or_one_idle_is_passed_over()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        fixture.File("blkio", "/a", "blkio.io_service_bytes_recursive", "8:0 Read 1\nTotal 1\n");
        WriteSet(fixture, "blkio.bfq.", "_recursive", "8:0 Read 2\nTotal 2\n", Idle);
        WriteSet(fixture, "blkio.throttle.", "", "8:0 Read 3\nTotal 3\n", "8:0 Read 4\nTotal 4\n");
        Assert.Equal([new BlockIoDevice { Major = 8, ReadBytes = 3, Reads = 4 }], fixture.Read("/a").BlockIo.ToArray());
    }

    [Fact]
    public void V1_all_idle_is_no_device_and_no_files_is_absent()
    {
        using Fixture fixture = new(CgroupVersion.V1);
        WriteSet(fixture, "blkio.bfq.", "_recursive", Idle, Idle);
        WriteSet(fixture, "blkio.throttle.", "_recursive", Idle, Idle);
        WriteSet(fixture, "blkio.throttle.", "", Idle, Idle);
        Assert.Equal(ControllerScope.Container, fixture.Read("/a").BlockIoScope);
        Assert.Empty(fixture.Resources.BlockIo.ToArray());
        fixture.Cgroup("/b");
        Assert.Equal(ControllerScope.Absent, fixture.Read("/b").BlockIoScope);
    }

    [Fact]
    public void Both_versions_say_the_same_of_the_same_work()
    {
        using Fixture v1 = new(CgroupVersion.V1);
        using Fixture v2 = new(CgroupVersion.V2);
        WriteSet(v1, "blkio.throttle.", "_recursive",
            "8:0 Read 4096\n8:0 Write 8192\n8:0 Discard 512\n8:0 Total 12800\n253:1 Read 1024\nTotal 13824\n",
            "8:0 Read 1\n8:0 Write 2\n8:0 Discard 3\n8:0 Total 6\n253:1 Read 4\nTotal 10\n");
        v2.File("", "/a", "io.stat", "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=512 dios=3\n253:1 rbytes=1024 wbytes=0 rios=4 wios=0 dbytes=0 dios=0\n");
        Assert.Equal(v1.Read("/a").BlockIo.ToArray(), v2.Read("/a").BlockIo.ToArray());
    }

    private static void WriteSet(Fixture fixture, string prefix, string suffix, string bytes, string requests)
        => fixture.File("blkio", "/a", $"{prefix}io_service_bytes{suffix}", bytes).File("blkio", "/a", $"{prefix}io_serviced{suffix}", requests);
}
