using System.Globalization;

namespace ProcFs.Tests;

/// <summary>/proc/vmstat: docs/fields/vmstat.md.</summary>
public sealed class VmstatTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Every_line_of_the_host_is_there_in_order_with_the_containers_number()
    {
        using HostTree host = HostTree.V2().Cgroup("/c",
            ("memory.max", "67108864"), ("memory.current", "20971520"), ("memory.events", "low 0\nhigh 0\nmax 0\noom 2\noom_kill 3\n"),
            ("memory.stat", "anon 4194304\nfile 8388608\nkernel_stack 32768\npagetables 8192\nshmem 4096\nfile_mapped 12288\nfile_dirty 16384\nfile_writeback 4096\nswapcached 20480\nanon_thp 2097152\n"
                + "inactive_anon 24576\nactive_anon 28672\ninactive_file 32768\nactive_file 36864\nunevictable 40960\nslab_reclaimable 45056\nslab_unreclaimable 49152\nworkingset_refault_file 51\n"
                + "pgfault 52\npgmajfault 53\npswpin 54\npswpout 55\npgsteal_kswapd 56\nthp_fault_alloc 57\n"),
            ("io.stat", "8:0 rbytes=1048576 wbytes=2097152 rios=100 wios=50 dbytes=512 dios=1"));
        Assert.Equal("""
            nr_free_pages 11264
            nr_zone_inactive_anon 6
            nr_zone_write_pending 5
            nr_mlock 0
            nr_inactive_anon 6
            nr_active_anon 7
            nr_inactive_file 8
            nr_active_file 9
            nr_unevictable 10
            nr_slab_reclaimable 11
            nr_slab_unreclaimable 12
            workingset_refault_file 51
            nr_anon_pages 1024
            nr_mapped 3
            nr_file_pages 2053
            nr_dirty 4
            nr_writeback 1
            nr_shmem 1
            nr_anon_transparent_hugepages 1
            nr_dirtied 0
            nr_kernel_stack 32
            nr_page_table_pages 2
            nr_swapcached 5
            nr_dirty_threshold 0
            pgpgin 1024
            pgpgout 2048
            pswpin 54
            pswpout 55
            pgalloc_normal 0
            pgfault 52
            pgmajfault 53
            pgsteal_kswapd 56
            oom_kill 3
            thp_fault_alloc 57
            new_in_linux_nine 0
            nr_unstable 0

            """, host.Show("vmstat"));
    }

    [Fact]
    public void V1_tells_faults_and_disks_and_its_own_pgpgin_is_something_else()
    {
        using HostTree host = HostTree.V1().Cgroup("/c",
            ("memory.limit_in_bytes", "67108864"), ("memory.usage_in_bytes", "20971520"), ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n"),
            ("memory.stat", "pgfault 1\npgpgin 2\ntotal_cache 8388608\ntotal_rss 4194304\ntotal_pgpgin 777\ntotal_pgpgout 778\ntotal_pgfault 52\ntotal_pgmajfault 53\ntotal_workingset_refault_file 51\n"),
            ("blkio.throttle.io_serviced_recursive", "8:0 Read 3\n8:0 Write 4\nTotal 7"), ("blkio.throttle.io_service_bytes_recursive", "8:0 Read 4096\n8:0 Write 8192\nTotal 12288"));
        Dictionary<string, long> shown = Parse(host.Show("vmstat"));
        Assert.Equal((11264, 2048, 1024), (shown["nr_free_pages"], shown["nr_file_pages"], shown["nr_anon_pages"]));
        Assert.Equal((4, 8, 52, 53, 51, 4), (shown["pgpgin"], shown["pgpgout"], shown["pgfault"], shown["pgmajfault"], shown["workingset_refault_file"], shown["oom_kill"]));
        Assert.Equal((0, 0, 0), (shown["pswpin"], shown["pswpout"], shown["pgsteal_kswapd"]));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void Pages_are_those_of_meminfo(string version)
    {
        using HostTree host = HostTree.Of(version).Cgroup("/p", Memory(version, 128 * MiB, 100 * MiB)).Cgroup("/p/c", Memory(version, 64 * MiB, 20 * MiB));
        Dictionary<string, long> pages = Parse(host.Show("vmstat", "/p/c"));
        string meminfo = host.Show("meminfo", "/p/c");
        foreach ((string key, string line) in new[]
        {
            ("nr_free_pages", "MemFree"), ("nr_anon_pages", "AnonPages"), ("nr_mapped", "Mapped"), ("nr_shmem", "Shmem"), ("nr_active_anon", "Active(anon)"), ("nr_inactive_file", "Inactive(file)"),
        })
        {
            Assert.Equal(Lines.Meminfo(meminfo, line), 4 * pages[key]);
            Assert.NotEqual(0, pages[key]);
        }
    }

    [Fact]
    public void What_is_counted_above_the_container_is_not_its_own()
    {
        using HostTree host = HostTree.V2().Cgroup("/p", ("memory.max", "67108864"), ("memory.current", "4096"), ("memory.stat", "pgfault 5\nanon 4096\n")).Cgroup("/p/c");
        Dictionary<string, long> shown = Parse(host.Show("vmstat", "/p/c"));
        Assert.Equal((0, 1), (shown["pgfault"], shown["nr_anon_pages"]));
    }

    [Fact]
    public void Requests_that_a_device_hands_on_are_counted_once()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("io.stat", "8:0 rbytes=4096 wbytes=1024\n253:0 rbytes=4096 wbytes=1024\n9:1 rbytes=4096 wbytes=1024\n254:0 rbytes=1024 wbytes=0\n7:7 rbytes=9999999 wbytes=0\n"));
        host.Write("proc/diskstats", "   8       0 sda 1 0 0\n 253       0 dm-0 1 0 0\n   9       1 md1 1 0 0\n 254       0 vda 1 0 0\n");
        Dictionary<string, long> shown = Parse(host.Show("vmstat"));
        Assert.Equal((5, 1), (shown["pgpgin"], shown["pgpgout"]));
    }

    [Fact]
    public void No_counter_falls_whatever_the_kernel_does()
    {
        using HostTree host = HostTree.V2();
        Write(100, 100);
        using Daemonless daemon = new(host);
        Assert.Equal((100, 100), Show());
        Write(150, 40);
        Assert.Equal((150, 100), Show());
        Write(10, 60);
        Assert.Equal((150, 120), Show());
        host.Cgroup("/c", ("memory.stat", "anon 4096"), ("io.stat", ""));
        Assert.Equal((150, 120), Show());
        Write(20, 61); // an empty io.stat is one that has counted nothing yet
        Assert.Equal((160, 181), Show());

        void Write(int faults, int kib) => host.Cgroup("/c", ("memory.current", "4096"), ("memory.stat", $"pgfault {faults}\n"), ("io.stat", $"8:0 rbytes={kib * 1024} wbytes=0\n"));

        (long, long) Show()
        {
            Dictionary<string, long> shown = Parse(daemon.NewWorker().Show("vmstat"));
            return (shown["pgfault"], shown["pgpgin"]);
        }
    }

    [Fact]
    public void A_sample_that_another_one_overtook_is_not_taken_for_a_fall()
    {
        Sampling.PagingLedger ledger = new();
        long[] first = new long[Sampling.PagingLedger.Counters], second = new long[Sampling.PagingLedger.Counters];
        (first[0], second[0]) = (10, 12);
        int version = ledger.Version;
        ledger.Update(version, second);
        ledger.Update(version, first);
        Assert.Equal((12, 12), (first[0], second[0]));
        second[0] = 13;
        ledger.Update(ledger.Version, second);
        Assert.Equal(13, second[0]);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void A_process_of_the_host_reads_the_hosts_file_unless_its_memory_is_limited(string version)
    {
        using HostTree host = HostTree.Of(version).Process(40, 1000, "/free").Process(41, 1000, "/bound");
        host.Cgroup("/free", Memory(version, null, 20 * MiB)).Cgroup("/bound", Memory(version, 64 * MiB, 20 * MiB));
        Assert.Equal(HostTexts.Vmstat, host.ShowTo(40, "vmstat"));
        Assert.Equal(11264, Parse(host.ShowTo(41, "vmstat"))["nr_free_pages"]);
    }

    private static (string, string)[] Memory(string version, long? limit, long usage) => version == "v1"
        ? [("memory.limit_in_bytes", Text(limit ?? long.MaxValue & ~4095)), ("memory.usage_in_bytes", Text(usage)),
            ("memory.stat", "total_rss 4194304\ntotal_mapped_file 12288\ntotal_shmem 4096\ntotal_active_anon 28672\ntotal_inactive_file 32768\n")]
        : [("memory.max", limit is { } most ? Text(most) : "max"), ("memory.current", Text(usage)),
            ("memory.stat", "anon 4194304\nfile_mapped 12288\nshmem 4096\nactive_anon 28672\ninactive_file 32768\n")];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, long> Parse(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
        .ToDictionary(fields => fields[0], fields => long.Parse(fields[1], CultureInfo.InvariantCulture));
}
