using System.Text;
using static ProcFs.Cgroups.Tests.Support.Sane;

namespace ProcFs.Cgroups.Tests;

/// <summary>Whole trees with damaged files: whatever is in them, reading gives numbers of zero or more, or says absent.</summary>
public sealed class HostileFilesTests
{
    private static readonly (string Controller, string Name, string Text)[] V1Files =
    [
        ("memory", "memory.limit_in_bytes", "536870912\n"), ("memory", "memory.usage_in_bytes", "322961408\n"),
        ("memory", "memory.stat", "total_rss 104857600\ntotal_rss_huge 1\nhierarchical_memory_limit 536870912\nhierarchical_memsw_limit 805306368\ntotal_swap 52428800\n"),
        ("memory", "memory.memsw.limit_in_bytes", "805306368\n"), ("memory", "memory.memsw.usage_in_bytes", "375390208\n"),
        ("memory", "memory.swappiness", "60\n"), ("memory", "memory.kmem.usage_in_bytes", "8388608\n"), ("memory", "memory.use_hierarchy", "1\n"),
        ("cpu,cpuacct", "cpu.cfs_quota_us", "150000\n"), ("cpu,cpuacct", "cpu.cfs_period_us", "100000\n"),
        ("cpu,cpuacct", "cpuacct.usage", "35000000000\n"), ("cpu,cpuacct", "cpuacct.usage_percpu", "20000000000 10000000000 \n"),
        ("cpu,cpuacct", "cpuacct.stat", "user 2800\nsystem 700\n"),
        ("cpuset", "cpuset.effective_cpus", "0,2-3\n"), ("cpuset", "cpuset.cpus", "0-3\n"),
        ("blkio", "blkio.throttle.io_service_bytes_recursive", "254:0 Read 16777216\n254:0 Total 16777216\nTotal 16777216\n"),
        ("blkio", "blkio.throttle.io_serviced_recursive", "254:0 Read 32\n254:0 Total 32\nTotal 32\n"),
        ("hugetlb", "hugetlb.2MB.limit_in_bytes", "4194304\n"), ("hugetlb", "hugetlb.2MB.usage_in_bytes", "2097152\n"),
    ];

    private static readonly (string Controller, string Name, string Text)[] V2Files =
    [
        ("", "memory.max", "536870912\n"), ("", "memory.high", "max\n"), ("", "memory.current", "322961408\n"),
        ("", "memory.stat", "anon 104857600\nfile 209715200\nfile_mapped 5\nactive_file 31457280\nslab_reclaimable 1\n"),
        ("", "memory.swap.max", "268435456\n"), ("", "memory.swap.current", "52428800\n"), ("", "cpu.max", "150000 100000\n"),
        ("", "cpu.stat", "usage_usec 30000000\nuser_usec 20000000\nsystem_usec 10000000\nnice_usec 0\n"),
        ("", "cpuset.cpus.effective", "0,2-3\n"), ("", "io.stat", "8:0 rbytes=1048576 wbytes=2097152 rios=100 wios=50 dbytes=512 dios=1\n"),
        ("", "hugetlb.2MB.max", "4194304\n"), ("", "hugetlb.2MB.current", "2097152\n"),
    ];

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void Every_prefix_and_many_mutations_of_every_file_are_survived(CgroupVersion version)
    {
        using Fixture fixture = new(version);
        (string Controller, string Name, string Text)[] files = version == CgroupVersion.V1 ? V1Files : V2Files;
        foreach ((string controller, string name, string text) in files)
        {
            fixture.File(controller, "/p/c", name, text).File(controller, "/p", name, text);
        }

        ContainerCgroups cgroups = fixture.Open("/p/c");
        Check(cgroups, fixture.Resources, "");
        foreach ((string controller, string name, string text) in files)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            string path = Path.Combine(fixture.Root, fixture.PathOf(controller, "/p/c").TrimStart('/'), name);
            foreach (byte[] hostile in Hostile.PrefixesOf(bytes).Concat(Hostile.MutationsOf(bytes, 300, seed: name.Length)))
            {
                File.WriteAllBytes(path, hostile);
                Check(cgroups, fixture.Resources, Encoding.Latin1.GetString(hostile));
            }

            File.WriteAllBytes(path, bytes);
        }

        // each file at most once, however often it was wrong
        Assert.Equal(fixture.Reports.Count, fixture.Reports.Select(report => report.Split([", line ", ": "], StringSplitOptions.None)[0]).Distinct().Count());
        Assert.NotEmpty(fixture.Reports);
    }

    [Theory, InlineData(CgroupVersion.V1), InlineData(CgroupVersion.V2)]
    public void Without_any_one_of_the_files_the_rest_is_read(CgroupVersion version)
    {
        (string Controller, string Name, string Text)[] files = version == CgroupVersion.V1 ? V1Files : V2Files;
        foreach ((string Controller, string Name, string Text) missing in files)
        {
            using Fixture fixture = new(version);
            foreach ((string controller, string name, string text) in files.Where(file => file != missing))
            {
                fixture.File(controller, "/p/c", name, text);
            }

            Check(fixture.Open("/p/c"), fixture.Resources, "without " + missing.Name);
            Assert.Empty(fixture.Reports);
        }
    }

    [Fact]
    public void A_directory_in_place_of_a_file_is_absent_and_reported()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.Memory(new MemoryModel("/a", 4096, UsageBytes: 1));
        fixture.Remove("", "/a/memory.max");
        Directory.CreateDirectory(Path.Combine(fixture.Root, "a/memory.max"));
        Assert.Null(fixture.Read("/a").Memory.LimitBytes);
        Assert.Equal($"{fixture.Root}/a/memory.max: Is a directory", Assert.Single(fixture.Reports));
    }

    [Fact]
    public void A_text_larger_than_the_buffer_is_read_whole()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        StringBuilder text = new();
        for (int i = 0; i < 20_000; i++)
        {
            text.Append($"253:{i} rbytes=512 rios=1\n");
        }

        fixture.File("", "/a", "io.stat", text.ToString());
        Assert.Equal(20_000, fixture.Read("/a").BlockIo.Length);
        Assert.Equal(19_999, fixture.Resources.BlockIo[^1].Minor);
    }
}
