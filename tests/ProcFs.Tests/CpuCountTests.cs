namespace ProcFs.Tests;

/// <summary>How many CPUs, and which: the same answer in cpuinfo, stat and sysfs.</summary>
public sealed class CpuCountTests
{
    [Fact]
    public void C1_a_cpuset_is_renumbered_everywhere()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpuset.cpus.effective", "0,2-3"), ("cpu.max", "max 100000"));
        AssertCount(host, 3);
        Assert.Equal(["Test CPU 0", "Test CPU 2", "Test CPU 3"], Models(host));
    }

    [Fact]
    public void C2_a_quota_of_one_and_a_half_is_two_cpus()
    {
        using HostTree host = HostTree.V1().Cgroup("/c", ("cpu.cfs_quota_us", "150000"), ("cpu.cfs_period_us", "100000"), ("cpuset.effective_cpus", "0-3"));
        AssertCount(host, 2);
    }

    [Fact]
    public void C3_less_than_one_cpu_is_one()
    {
        using HostTree host = HostTree.V1().Cgroup("/c", ("cpu.cfs_quota_us", "50000"), ("cpu.cfs_period_us", "100000"), ("cpuset.effective_cpus", "0-3"));
        AssertCount(host, 1);
    }

    [Fact]
    public void C4_no_limit_is_the_host()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"), ("cpuset.cpus", ""), ("cpuset.cpus.effective", "0-3"));
        AssertCount(host, 4);
    }

    [Theory]
    [InlineData("max 100000")]
    [InlineData("300000 100000")]
    public void C5_the_tightest_quota_above_counts(string own)
    {
        using HostTree host = HostTree.V2()
            .Cgroup("/p", ("cpu.max", "200000 100000"), ("cpuset.cpus.effective", "0-3"))
            .Cgroup("/p/c", ("cpu.max", own), ("cpuset.cpus.effective", "0-3"));
        AssertCount(host, 2, "/p/c");
    }

    [Fact]
    public void C6_a_quota_above_the_cpuset_counts_as_the_cpuset()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "800000 100000"), ("cpuset.cpus.effective", "1-2"));
        AssertCount(host, 2);
        Assert.Equal(["Test CPU 1", "Test CPU 2"], Models(host));
    }

    [Fact]
    public void Cpus_that_are_offline_do_not_count()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"), ("cpuset.cpus.effective", "0-3"));
        host.Write("sys/devices/system/cpu/online", "0,3\n");
        AssertCount(host, 2);
        Assert.Equal(["Test CPU 0", "Test CPU 3"], Models(host));
    }

    [Fact]
    public void Where_sysfs_tells_nothing_the_stat_file_does()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"));
        File.Delete(host.Path("sys/devices/system/cpu/online"));
        AssertCount(host, 4);
    }

    [Fact]
    public void With_the_cpuset_view_a_quota_is_capacity_only()
    {
        using HostTree host = HostTree.V1With(new Containers.ViewOptions { Cpus = new(Containers.CpuPolicyKind.Cpuset) })
            .Cgroup("/c", ("cpu.cfs_quota_us", "150000"), ("cpu.cfs_period_us", "100000"), ("cpuset.effective_cpus", "0-3"));
        AssertCount(host, 4);
    }

    [Fact]
    public void Siblings_and_cores_fit_the_cpus_that_are_shown()
    {
        // 8 CPUs: package 0 has cores 0 (CPUs 0, 1) and 1 (2, 3), package 1 the same with 4 to 7.
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"), ("cpuset.cpus.effective", "0-2,7"));
        host.Write("proc/cpuinfo", HostTexts.Cpuinfo(8)).Write("sys/devices/system/cpu/online", "0-7\n").Write("proc/stat", HostTexts.Stat(8));
        string text = host.Show("cpuinfo");
        Assert.Equal(["3", "3", "3", "1"], Values(text, "siblings"));
        Assert.Equal(["2", "2", "2", "1"], Values(text, "cpu cores"));
        Assert.Equal(["0", "1", "2", "3"], Values(text, "processor"));
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        Assert.StartsWith("processor\t: 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_cpus_are_shown_whole()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"), ("cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2"));
        host.Write("proc/cpuinfo", HostTexts.Cpuinfo(1024)).Write("sys/devices/system/cpu/online", "0-1023\n").Write("proc/stat", HostTexts.Stat(1024));
        Assert.Equal(1024, Values(host.Show("cpuinfo"), "processor").Length);
        string stat = host.Show("stat");
        Assert.Contains("\ncpu1023 ", stat, StringComparison.Ordinal);
        Assert.Contains("\nbtime 1795193736\n", stat, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arm64", "2-3")]
    [InlineData("arm", "1,3")]
    [InlineData("s390x", "1")]
    [InlineData("ppc64le", "0")]
    [InlineData("riscv64", "1")]
    public void Other_architectures_keep_their_shape(string architecture, string cpus)
    {
        string sample = File.ReadAllText(Path.Combine(Fixtures.Root, "cpuinfo", architecture));
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"), ("cpuset.cpus.effective", cpus));
        host.Write("proc/cpuinfo", sample).Write("sys/devices/system/cpu/online", "0-7\n");
        Golden.AssertEqual(Path.Combine(Fixtures.Root, "cpuinfo", "golden", architecture), host.Show("cpuinfo"));
    }

    [Fact]
    public void A_layout_that_nobody_knows_passes_through_whole()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpuset.cpus.effective", "1"));
        host.Write("proc/cpuinfo", "machine kind: future\n\ncore count: 4\n");
        Assert.Equal("machine kind: future\n\ncore count: 4\n", host.Show("cpuinfo"));
    }

    private static void AssertCount(HostTree host, int count, string cgroup = "/c")
    {
        string list = count == 1 ? "0\n" : $"0-{count - 1}\n";
        Assert.Equal(list, host.Show("cpu/online", cgroup));
        Assert.Equal(list, host.Show("cpu/possible", cgroup));
        Assert.Equal(list, host.Show("cpu/present", cgroup));
        Assert.Equal("\n", host.Show("cpu/offline", cgroup));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{i}"), Values(host.Show("cpuinfo", cgroup), "processor"));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"cpu{i}"),
            host.Show("stat", cgroup).Split('\n').Select(line => line.Split(' ')[0]).Where(key => key.Length > 3 && key.StartsWith("cpu", StringComparison.Ordinal)));
    }

    private static string[] Models(HostTree host) => Values(host.Show("cpuinfo"), "model name");

    private static string[] Values(string cpuinfo, string key)
        => [.. cpuinfo.Split('\n').Where(line => line.StartsWith(key + "\t", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..])];
}
