namespace ProcFs.Tests;

/// <summary>/proc/meminfo and /proc/swaps against the numbers that docs/fields/meminfo.md and swaps.md lead to.</summary>
public sealed class MeminfoTests
{
    private const string Max = "max";

    [Fact]
    public void M1_without_a_limit_the_total_is_the_hosts_and_the_rest_the_containers_own()
    {
        using HostTree host = HostTree.V2().Cgroup("/c",
            ("memory.max", Max), ("memory.high", Max), ("memory.current", "1048576000"),
            ("memory.stat", "anon 419430400\nfile 524288000\nkernel_stack 1048576\npagetables 2097152\nshmem 104857600\nfile_mapped 52428800\nfile_dirty 40960\n"
                + "inactive_anon 471859200\nactive_anon 52428800\ninactive_file 314572800\nactive_file 104857600\nslab_reclaimable 20971520\nslab_unreclaimable 10485760"));
        Lines.AssertIn(host.Show("meminfo"), """
            MemTotal:       16384000 kB
            MemFree:        15360000 kB
            MemAvailable:   15790080 kB
            Buffers:               0 kB
            Cached:           512000 kB
            Active:           153600 kB
            Inactive:         768000 kB
            Dirty:                40 kB
            AnonPages:        409600 kB
            Mapped:            51200 kB
            Shmem:            102400 kB
            KReclaimable:      20480 kB
            Slab:              30720 kB
            SReclaimable:      20480 kB
            SUnreclaim:        10240 kB
            KernelStack:        1024 kB
            PageTables:         2048 kB
            """);
    }

    [Fact]
    public void M2_on_v1_swap_is_what_memory_and_swap_together_leave()
    {
        using HostTree host = M2();
        Lines.AssertIn(host.Show("meminfo"), """
            MemTotal:         524288 kB
            MemFree:          208896 kB
            MemAvailable:     403456 kB
            Cached:           204800 kB
            Active:            51200 kB
            Inactive:         256000 kB
            SwapTotal:        262144 kB
            SwapFree:         210944 kB
            AnonPages:        102400 kB
            Mapped:            20480 kB
            Shmem:             10240 kB
            Slab:               8192 kB
            SUnreclaim:         8192 kB
            """);
        Assert.Equal("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\nnone" + new string(' ', 36) + "virtual\t\t262144\t\t51200\t\t0\n", host.Show("swaps"));
    }

    [Fact]
    public void M3_usage_beyond_the_limit_eats_into_what_is_available()
    {
        using HostTree host = HostTree.V2().Cgroup("/c",
            ("memory.max", "536870912"), ("memory.current", "629145600"), ("memory.stat", "inactive_file 83886080\nactive_file 20971520"));
        Lines.AssertIn(host.Show("meminfo"), """
            MemTotal:         524288 kB
            MemFree:               0 kB
            MemAvailable:      12288 kB
            """);
    }

    [Fact]
    public void M4_a_tighter_level_above_leaves_only_what_is_left_there()
    {
        using HostTree host = HostTree.V2()
            .Cgroup("/pod", ("memory.max", "1073741824"), ("memory.current", "943718400"),
                ("memory.stat", "inactive_file 157286400\nactive_file 31457280\nslab_reclaimable 20971520"))
            .Cgroup("/pod/ctr", ("memory.max", Max), ("memory.current", "52428800"), ("memory.stat", "file 10485760\ninactive_file 10485760"));
        AssertMemory(host.Show("meminfo", "/pod/ctr"), total: 1048576, free: 126976, available: 331776, cached: 10240);
    }

    [Theory]
    [InlineData("68719476736")]
    [InlineData("9223372036854771712")]
    public void M5_a_limit_above_what_the_host_has_is_none(string limit)
    {
        using HostTree host = HostTree.V1().Cgroup("/c", ("memory.limit_in_bytes", limit), ("memory.usage_in_bytes", "1073741824"),
            ("memory.stat", $"hierarchical_memory_limit {limit}\ntotal_cache 0"));
        AssertMemory(host.Show("meminfo"), total: 16384000, free: 15335424);
    }

    [Theory]
    [InlineData(Max, 2097152, 1048576)]
    [InlineData("4294967296", 4194304, 3145728)]
    public void M6_high_counts_only_where_there_is_no_max(string max, long total, long free)
    {
        using HostTree host = HostTree.V2().Cgroup("/c",
            ("memory.max", max), ("memory.high", "2147483648"), ("memory.current", "1073741824"), ("memory.stat", "file 0"));
        AssertMemory(host.Show("meminfo"), total, free);
    }

    [Theory]
    [InlineData(Max, "104857600", 2097148, 1994748)]
    [InlineData("536870912", "104857600", 524288, 421888)]
    [InlineData("0", "104857600", 0, 0)]
    [InlineData(null, null, 0, 0)]
    public void M7_swap_on_v2_is_its_own_limit(string? limit, string? used, long total, long free)
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("memory.max", Max), ("memory.current", "1048576"), ("memory.stat", "file 0"));
        if (limit is not null)
        {
            host.Cgroup("/c", ("memory.swap.max", limit), ("memory.swap.current", used!));
        }

        AssertSwap(host, total, free);
    }

    [Fact]
    public void M8a_without_memsw_files_there_is_no_swap()
    {
        using HostTree host = HostTree.V1().Cgroup("/c", ("memory.limit_in_bytes", "536870912"), ("memory.usage_in_bytes", "1048576"),
            ("memory.stat", "hierarchical_memory_limit 536870912\ntotal_cache 0"), ("memory.swappiness", "60"));
        AssertSwap(host, 0, 0);
    }

    [Fact]
    public void M8b_unlimited_memsw_is_all_of_the_hosts_swap()
    {
        using HostTree host = M2();
        host.Cgroup("/c", ("memory.memsw.limit_in_bytes", "9223372036854771712"));
        string stat = File.ReadAllText(host.Path("sys/fs/cgroup/memory/c/memory.stat"));
        host.Cgroup("/c", ("memory.stat", stat.Replace("hierarchical_memsw_limit 805306368", "hierarchical_memsw_limit 9223372036854771712", StringComparison.Ordinal)));
        Assert.Equal(2097148, Lines.Meminfo(host.Show("meminfo"), "SwapTotal"));
    }

    [Fact]
    public void M8c_swappiness_zero_shows_only_what_is_used()
    {
        using HostTree host = M2();
        host.Cgroup("/c", ("memory.swappiness", "0"));
        AssertSwap(host, 51200, 0);
    }

    [Fact]
    public void M8d_the_total_is_raised_to_what_is_used()
    {
        using HostTree host = M2();
        string stat = File.ReadAllText(host.Path("sys/fs/cgroup/memory/c/memory.stat"));
        host.Cgroup("/c", ("memory.stat", stat.Replace("total_swap 52428800", "total_swap 314572800", StringComparison.Ordinal)));
        AssertSwap(host, 307200, 0);
    }

    [Fact]
    public void M9_a_container_without_the_controller_shows_the_level_that_has_it()
    {
        using HostTree host = HostTree.V2()
            .Cgroup("/p", ("memory.max", "1073741824"), ("memory.current", "209715200"), ("memory.stat", "file 104857600"))
            .Cgroup("/p/c");
        AssertMemory(host.Show("meminfo", "/p/c"), total: 1048576, free: 843776, cached: 102400);
    }

    [Fact]
    public void Lines_and_order_are_the_hosts_and_columns_the_kernels()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("memory.max", "536870912"), ("memory.current", "1048576"), ("memory.stat", "file 0"));
        string[] shown = host.Show("meminfo").Split('\n');
        string[] hosts = HostTexts.Meminfo.Split('\n');
        Assert.Equal(hosts.Select(line => line.Split(':')[0]), shown.Select(line => line.Split(':')[0]));
        Assert.Contains("HardwareCorrupted:     0 kB", shown);
        Assert.Contains("HugePages_Total:       0", shown);
        Assert.Contains("VmallocTotal:   34359738367 kB", shown);
        Assert.Contains("Hugepagesize:       2048 kB", shown);
        Assert.Contains("NewInLinux9:           0 kB", shown);
        Assert.StartsWith("MemTotal:", shown[0], StringComparison.Ordinal);
    }

    [Fact]
    public void CommitLimit_follows_the_overcommit_settings()
    {
        using HostTree host = M2();
        Assert.Equal((524288 / 2) + 262144, Lines.Meminfo(host.Show("meminfo"), "CommitLimit"));
        host.Write("proc/sys/vm/overcommit_kbytes", "1000\n").Uptime(1102);
        Assert.Equal(1000 + 262144, Lines.Meminfo(host.Show("meminfo"), "CommitLimit"));
    }

    [Fact]
    public void Huge_pages_are_cut_to_the_containers_limit()
    {
        using HostTree host = HostTree.V2().Cgroup("/c",
            ("memory.max", Max), ("memory.current", "0"), ("memory.stat", "file 0"),
            ("hugetlb.2MB.max", "8388608"), ("hugetlb.2MB.current", "2097152"), ("hugetlb.1GB.max", "1073741824"), ("hugetlb.1GB.current", "0"));
        host.Write("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "3\n");
        host.Write("proc/meminfo", HostTexts.Meminfo
            .Replace("HugePages_Total:       0", "HugePages_Total:      10", StringComparison.Ordinal)
            .Replace("HugePages_Free:        0", "HugePages_Free:        9", StringComparison.Ordinal));
        Lines.AssertIn(host.Show("meminfo"), $"""
            HugePages_Total:       4
            HugePages_Free:        3
            HugePages_Rsvd:        0
            Hugetlb:         {(4 * 2048) + 1048576} kB
            """);
    }

    [Fact]
    public void Hidden_swap_is_none()
    {
        using HostTree host = M2(new Containers.ViewOptions { ShowSwap = false });
        AssertSwap(host, 0, 0);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void A_zero_limit_never_gives_a_total_of_zero(string version)
    {
        using HostTree host = HostTree.Of(version).Cgroup("/c",
            version == "v1" ? [("memory.limit_in_bytes", "0"), ("memory.usage_in_bytes", "4096"), ("memory.stat", "total_cache 0")]
                : [("memory.max", "0"), ("memory.current", "4096"), ("memory.stat", "file 0")]);
        Assert.Equal(16384000, Lines.Meminfo(host.Show("meminfo"), "MemTotal"));
    }

    private static HostTree M2(Containers.ViewOptions? options = null)
    {
        HostTree host = options is null ? HostTree.V1() : HostTree.V1With(options);
        return host.Cgroup("/c",
            ("memory.limit_in_bytes", "536870912"), ("memory.usage_in_bytes", "322961408"), ("memory.memsw.limit_in_bytes", "805306368"),
            ("memory.memsw.usage_in_bytes", "375390208"), ("memory.swappiness", "60"), ("memory.kmem.usage_in_bytes", "8388608"),
            ("memory.stat", "cache 1\nhierarchical_memory_limit 536870912\nhierarchical_memsw_limit 805306368\ntotal_cache 209715200\ntotal_rss 104857600\n"
                + "total_rss_huge 0\ntotal_shmem 10485760\ntotal_mapped_file 20971520\ntotal_dirty 40960\ntotal_swap 52428800\ntotal_inactive_anon 94371840\n"
                + "total_active_anon 20971520\ntotal_inactive_file 167772160\ntotal_active_file 31457280"));
    }

    private static void AssertMemory(string text, long total, long free, long? available = null, long? cached = null)
    {
        Assert.Equal(total, Lines.Meminfo(text, "MemTotal"));
        Assert.Equal(free, Lines.Meminfo(text, "MemFree"));
        Assert.Equal(available ?? Lines.Meminfo(text, "MemAvailable"), Lines.Meminfo(text, "MemAvailable"));
        Assert.Equal(cached ?? Lines.Meminfo(text, "Cached"), Lines.Meminfo(text, "Cached"));
    }

    private static void AssertSwap(HostTree host, long total, long free)
    {
        string text = host.Show("meminfo");
        Assert.Equal(total, Lines.Meminfo(text, "SwapTotal"));
        Assert.Equal(free, Lines.Meminfo(text, "SwapFree"));
        string swaps = host.Show("swaps");
        Assert.Equal(total == 0 ? 1 : 2, swaps.Count(character => character == '\n'));
        if (total > 0)
        {
            Assert.EndsWith($"virtual\t\t{total}\t\t{total - free}\t\t0\n", swaps, StringComparison.Ordinal);
        }
    }
}
