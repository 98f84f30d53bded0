using System.Globalization;
using System.Text.RegularExpressions;
using ProcFs.Files;

namespace ProcFs.Tests;

/// <summary>Two hosts that differ in every number that is no constant of the machine show the same container the same text.</summary>
public sealed partial class LeakTests
{
    public static TheoryData<string, string> EveryFile => [.. from version in new[] { "v1", "v2" } from entry in ProcFiles.All select (version, entry.File.Path)];

    [Theory]
    [MemberData(nameof(EveryFile))]
    public void Nothing_of_the_host_shows_in_a_container(string version, string file)
    {
        using HostTree one = Host(version);
        using HostTree other = Differ(Host(version));
        Assert.Equal(one.Show(file), other.Show(file));
        Assert.Equal(one.ShowTo(10, file), other.ShowTo(10, file));
    }

    [Theory]
    [MemberData(nameof(EveryFile))]
    public void Only_totals_of_the_host_show_to_a_caller_nobody_knows(string version, string file)
    {
        using HostTree one = Host(version);
        using HostTree other = Differ(Host(version));
        if (file == "proc/meminfo")
        {
            // Without a limit the total is the host's, and all of it is free.
            string[] lines = one.ShowTo(0, file).Split('\n');
            string[] others = other.ShowTo(0, file).Split('\n');
            Assert.Equal(["MemTotal", "MemFree", "MemAvailable", "CommitLimit"], Enumerable.Range(0, lines.Length).Where(i => lines[i] != others[i]).Select(i => lines[i].Split(':')[0]));
            return;
        }

        if (file == "proc/vmstat")
        {
            string[] lines = one.ShowTo(0, file).Split('\n');
            Assert.Equal($"nr_free_pages {16384000 / 4}", lines[0]);
            Assert.Equal(lines[1..], other.ShowTo(0, file).Split('\n')[1..]);
            return;
        }

        Assert.Equal(one.ShowTo(0, file), other.ShowTo(0, file));
    }

    private static HostTree Host(string version)
    {
        HostTree host = HostTree.Of(version);
        host.Process(10, 100000, "/c", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1);
        host.Cgroup("/c", version == "v1"
            ? [("memory.limit_in_bytes", "536870912"), ("memory.usage_in_bytes", "4096000"), ("memory.stat", "hierarchical_memory_limit 536870912\ntotal_cache 8192\ntotal_rss 4096"),
                ("memory.memsw.limit_in_bytes", "805306368"), ("memory.memsw.usage_in_bytes", "4096000"), ("memory.swappiness", "60"),
                ("cpu.cfs_quota_us", "150000"), ("cpu.cfs_period_us", "100000"), ("cpuset.effective_cpus", "0-3"),
                ("cpuacct.usage", "3000000000"), ("cpuacct.usage_percpu", "1000000000 2000000000 0 0"), ("cpuacct.stat", "user 200\nsystem 100"),
                ("blkio.throttle.io_serviced_recursive", "8:0 Read 3\n8:0 Write 4\nTotal 7"), ("blkio.throttle.io_service_bytes_recursive", "8:0 Read 4096\n8:0 Write 8192\nTotal 12288")]
            : [("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192\nanon 4096"), ("memory.swap.max", "268435456"), ("memory.swap.current", "4096"),
                ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"), ("cpu.stat", "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000"),
                ("io.stat", "8:0 rbytes=4096 wbytes=8192 rios=3 wios=4 dbytes=0 dios=0"),
                ("cpu.pressure", "some avg10=1.00 avg60=0.50 avg300=0.10 total=1234\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0")]);
        return host.WriteProcs("/c", "10\n");
    }

    /// <summary>
    /// Every number of the host's files becomes another one, but for: the kernel's constants, the default size of huge pages, btime
    /// (docs/fields/stat.md) and the CPUs themselves. The host has no huge pages; where it has, their total is a limit's upper bound.
    /// </summary>
    private static HostTree Differ(HostTree host)
    {
        foreach (string file in new[] { "meminfo", "stat", "swaps", "diskstats", "uptime", "loadavg", "vmstat", "slabinfo", "pressure/cpu", "pressure/io", "pressure/memory", "pressure/irq" })
        {
            string text = File.ReadAllText(host.Path("proc/" + file));
            string other = string.Join('\n', text.Split('\n').Select(line => IsConstant(line) ? line : Other(file, line)));
            Assert.NotEqual(text, other);
            host.Write("proc/" + file, other);
        }

        // Time since boot is what the container's age is counted from; it is the same on both, the idle time is not.
        return host.Write("proc/uptime", "1100.00 777.77\n");
    }

    private static bool IsConstant(string line)
        => line.StartsWith("VmallocTotal", StringComparison.Ordinal) || line.StartsWith("Hugepagesize", StringComparison.Ordinal)
            || line.StartsWith("slabinfo -", StringComparison.Ordinal) || line.StartsWith("btime", StringComparison.Ordinal) || line.StartsWith("HugePages_", StringComparison.Ordinal) || line.StartsWith("Hugetlb", StringComparison.Ordinal);

    // The first numbers of a line of diskstats name the device; a key's own digits ("cpu0", "DirectMap4k") stay.
    private static string Other(string file, string line)
        => file == "diskstats"
            ? Device().Replace(line, match => match.Groups[1].Value + Number().Replace(match.Groups[2].Value, Add))
            : Number().Replace(line, Add);

    private static string Add(Match match) => (long.Parse(match.Value, CultureInfo.InvariantCulture) + 1_000_003).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<![A-Za-z0-9.])\d+(?![A-Za-z0-9])")]
    private static partial Regex Number();

    [GeneratedRegex(@"^(\s*\d+\s+\d+\s+\S+)(.*)$")]
    private static partial Regex Device();
}
