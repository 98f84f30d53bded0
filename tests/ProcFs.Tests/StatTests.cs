namespace ProcFs.Tests;

/// <summary>/proc/stat and /proc/uptime against the numbers of docs/fields/stat.md and uptime.md.</summary>
public sealed class StatTests
{
    private const string Zeros = " 0 0 0 0 0 0";

    [Fact]
    public void In_a_time_namespace_without_a_cgroup_of_its_own_the_hosts_text_has_its_boot_time()
    {
        using HostTree host = HostTree.V2().Process(10, 100050, "/", "pid:[1]", "mnt:[1]", namespacePid: 1)
            .TimeNamespace(10, "monotonic           0         0\nboottime       100000         0\n");
        string own = File.ReadAllText(host.Path("proc/stat"));
        Assert.Equal(own.Replace("btime 1795193736", "btime 1795093736", StringComparison.Ordinal), host.ShowTo(10, "stat"));
    }

    [Fact]
    public void S1_on_v2_the_ledger_books_what_fits_and_carries_the_rest()
    {
        using HostTree host = S1();
        Lines.AssertIn(host.Show("stat"), $"cpu  2000 0 1000 12000{Zeros}\ncpu0 1000 0 500 6000{Zeros}\ncpu1 1000 0 500 6000{Zeros}");
        Assert.Equal("100.00 120.00\n", host.Show("uptime"));
        AssertAt(host, 1110, "usage_usec 42000000\nuser_usec 30500000\nsystem_usec 11500000", $"cpu  3050 0 1150 12300{Zeros}", $"cpu0 1525 0 575 6150{Zeros}");
        AssertAt(host, 1120, "usage_usec 58000000\nuser_usec 42500000\nsystem_usec 15500000", $"cpu  4175 0 1525 12300{Zeros}", $"cpu0 2087 0 762 6150{Zeros}");
        AssertAt(host, 1130, "usage_usec 58000000\nuser_usec 42500000\nsystem_usec 15500000", $"cpu  4250 0 1550 13700{Zeros}", $"cpu0 2125 0 775 6850{Zeros}");
        AssertAt(host, 1140, "usage_usec 0\nuser_usec 0\nsystem_usec 0", $"cpu  4250 0 1550 15200{Zeros}", $"cpu0 2125 0 775 7600{Zeros}");
    }

    [Fact]
    public void S2_on_v1_each_cpu_has_its_own_usage_and_a_part_of_what_ran_elsewhere()
    {
        using HostTree host = HostTree.V1().Cgroup("/c",
            ("cpuset.effective_cpus", "0-1"), ("cpu.cfs_quota_us", "-1"), ("cpu.cfs_period_us", "100000"),
            ("cpuacct.usage", "35000000000"), ("cpuacct.usage_percpu", "20000000000 10000000000 5000000000 "), ("cpuacct.stat", "user 2800\nsystem 700"),
            ("memory.usage_in_bytes", "0"));
        AddInit(host.Uptime(1050), startTicks: 100000);
        Lines.AssertIn(host.Show("stat"), $"cpu  2800 0 700 6500{Zeros}\ncpu0 1800 0 450 2750{Zeros}\ncpu1 1000 0 250 3750{Zeros}");
        Assert.Equal("50.00 65.00\n", host.Show("uptime"));
    }

    [Fact]
    public void S3_the_other_lines_are_the_containers_own_or_zero()
    {
        using HostTree host = S3(new Containers.ViewOptions());
        Lines.AssertIn(host.ShowTo(4400, "stat"), "intr 0\nctxt 0\nbtime 1795193736\nprocesses 9\nprocs_running 1\nprocs_blocked 1\nsoftirq 0 0 0 0 0 0 0 0 0 0 0");
        Assert.StartsWith("99.50 ", host.ShowTo(4400, "uptime"), StringComparison.Ordinal);
    }

    [Fact]
    public void S3_btime_can_be_the_containers_start()
    {
        using HostTree host = S3(new Containers.ViewOptions { ContainerBootTime = true });
        Lines.AssertIn(host.ShowTo(4400, "stat"), "btime 1795194736");
    }

    [Theory]
    [InlineData("monotonic           0         0\nboottime       100000         0\n", "101100.00 ", "btime 1795093736")]
    [InlineData("monotonic           0         0\nboottime        -1000         0\n", "100.00 ", "btime 1795194736")]
    [InlineData("monotonic           0         0\nboottime            0         0\n", "99.50 ", "btime 1795193736")]
    public void A_boot_time_offset_of_the_container_counts(string offsets, string uptime, string btime)
    {
        using HostTree host = S3(new Containers.ViewOptions());
        host.TimeNamespace(4321, offsets);
        Assert.StartsWith(uptime, host.ShowTo(4400, "uptime"), StringComparison.Ordinal);
        Lines.AssertIn(host.ShowTo(4400, "stat"), btime);
    }

    [Fact]
    public void Offsets_for_the_children_of_an_init_in_our_time_namespace_do_not_count()
    {
        using HostTree host = S3(new Containers.ViewOptions());
        host.Write("proc/4321/timens_offsets", "boottime 100000 0\n");
        Assert.StartsWith("99.50 ", host.ShowTo(4400, "uptime"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_is_in_the_cgroup_but_not_in_the_pid_namespace_has_no_number_there()
    {
        using HostTree host = S3(new Containers.ViewOptions());
        host.Process(7777, 200000, "/docker/x").WriteProcs("/docker/x", "4321\n4400\n7777\n");
        Assert.Equal(9, Lines.Stat(host.ShowTo(4400, "stat"), "processes")[0]);
    }

    [Fact]
    public void After_a_limit_was_lowered_an_idle_container_is_idle()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"), ("cpuset.cpus.effective", "0-3"),
            ("cpu.stat", "usage_usec 0\nuser_usec 0\nsystem_usec 0"));
        AddInit(host, startTicks: 110000);
        host.Show("stat");

        // 10 s with two CPUs busy; then a limit of 0.2 CPUs, and nothing runs any more.
        host.Cgroup("/c", ("cpu.max", "20000 100000"));
        AssertAt(host, 1110, "usage_usec 20000000\nuser_usec 20000000\nsystem_usec 0", $"cpu  2000 0 0 0{Zeros}");
        AssertAt(host, 1120, "usage_usec 20000000\nuser_usec 20000000\nsystem_usec 0", $"cpu  2000 0 0 200{Zeros}");
    }

    [Fact]
    public void A_key_of_a_newer_kernel_is_there_with_zero()
    {
        using HostTree host = S1();
        host.Write("proc/stat", HostTexts.Stat(4) + "newkey 12345\n");
        Assert.EndsWith("\nnewkey 0\n", host.Show("stat"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nice_time_is_shown_apart_from_user_time()
    {
        using HostTree host = S1();
        host.Cgroup("/c", ("cpu.stat", "usage_usec 30000000\nuser_usec 20000000\nsystem_usec 10000000\nnice_usec 5000000"));
        Lines.AssertIn(host.Show("stat"), $"cpu  1500 500 1000 12000{Zeros}\ncpu0 750 250 500 6000{Zeros}");
    }

    [Fact]
    public void Processes_never_falls_when_the_highest_process_ends()
    {
        using HostTree host = S3(new Containers.ViewOptions());
        Assert.Equal(9, Lines.Stat(host.ShowTo(4400, "stat"), "processes")[0]);
        host.Cgroup("/docker/x", ("cgroup.procs", "4321")).Uptime(1102);
        Assert.Equal(9, Lines.Stat(host.ShowTo(4400, "stat"), "processes")[0]);
    }

    [Fact]
    public void Cpus_that_disappear_stay_in_the_sum_and_come_back_with_their_values()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "400000 100000"), ("cpuset.cpus.effective", "0-3"),
            ("cpu.stat", "usage_usec 40000000\nuser_usec 40000000\nsystem_usec 0"));
        AddInit(host, startTicks: 100000);
        // 100 s of age, 4 CPUs: 40 s used, 10 s each.
        Lines.AssertIn(host.Show("stat"), $"cpu  4000 0 0 36000{Zeros}\ncpu3 1000 0 0 9000{Zeros}");

        // 10 s with 2 CPUs: 8 s used, 4 s each; the hidden two keep 1000 and 9000.
        host.Cgroup("/c", ("cpu.max", "200000 100000"));
        AssertAt(host, 1110, "usage_usec 48000000\nuser_usec 48000000\nsystem_usec 0", $"cpu  4800 0 0 37200{Zeros}", $"cpu0 1400 0 0 9600{Zeros}");
        Assert.DoesNotContain("cpu2", host.Show("stat"), StringComparison.Ordinal);

        // 10 s with all 4 again: 4 s used, 1 s each.
        host.Cgroup("/c", ("cpu.max", "400000 100000"));
        AssertAt(host, 1120, "usage_usec 52000000\nuser_usec 52000000\nsystem_usec 0", $"cpu  5200 0 0 40800{Zeros}", $"cpu0 1500 0 0 10500{Zeros}");
        Lines.AssertIn(host.Show("stat"), $"cpu2 1100 0 0 9900{Zeros}\ncpu3 1100 0 0 9900{Zeros}");
    }

    [Fact]
    public void An_init_with_blanks_and_parentheses_in_its_name_has_a_start()
    {
        using HostTree host = S1();
        host.Process(4321, startTicks: 100050, cgroup: "/docker/x", pidNamespace: "pid:[4026532001]", mountNamespace: "mnt:[4026532002]", namespacePid: 1, name: "sl (e) ep");
        host.Cgroup("/docker/x", ("cgroup.procs", "4321"));
        Assert.StartsWith("99.50 ", host.ShowTo(4321, "uptime"), StringComparison.Ordinal);
    }

    private static HostTree S1()
    {
        HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"),
            ("cpu.stat", "usage_usec 30000000\nuser_usec 20000000\nsystem_usec 10000000"));
        return AddInit(host, startTicks: 100000);
    }

    private static HostTree S3(Containers.ViewOptions options)
    {
        HostTree host = HostTree.V2With(options).Cgroup("/docker/x", ("cpu.max", "max 100000"), ("cgroup.procs", "4321\n4400"));
        host.Process(4321, 100050, "/docker/x", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1, name: "a b) c");
        host.Process(4400, 100100, "/docker/x", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 9, parent: 4321, state: "R");
        return host.Threads(4321, (4321, "S"), (4322, "S"), (4323, "D"));
    }

    private static HostTree AddInit(HostTree host, long startTicks)
        => host.Process(500, startTicks, "/c").WriteProcs("/c", "500\n");

    private static void AssertAt(HostTree host, decimal seconds, string cpuStat, params string[] lines)
    {
        host.Uptime(seconds).Cgroup("/c", ("cpu.stat", cpuStat));
        Lines.AssertIn(host.Show("stat"), string.Join('\n', lines));
    }
}
