namespace ProcFs.Tests;

/// <summary>How long one text of the host's serves all containers, with a clock of the test's.</summary>
public sealed class HostSharingTests : IDisposable
{
    private const long Shared = TestClock.Second / 10;

    private readonly HostTree _host = HostTree.V2()
        .Cgroup("/c", ("memory.max", "1073741824"), ("memory.current", "0"), ("memory.stat", "file 0"), ("memory.swap.max", "max"), ("memory.swap.current", "0"),
            ("io.stat", "8:0 rbytes=512 wbytes=0 rios=1 wios=0 dbytes=0 dios=0"), ("cpu.max", "max 100000"))
        .Cgroup("/d", ("memory.max", "max"), ("memory.current", "0"), ("memory.stat", "file 0"), ("cpu.max", "max 100000"));

    private readonly Daemonless _daemon;
    private readonly Daemonless.Worker _worker;

    public HostSharingTests()
    {
        _daemon = new Daemonless(_host);
        _worker = _daemon.NewWorker();
    }

    public void Dispose()
    {
        _daemon.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Meminfo_serves_all_containers_for_a_second()
    {
        Assert.Equal(2097148, Lines.Meminfo(_worker.Show("meminfo"), "SwapTotal"));
        _host.Write("proc/meminfo", HostTexts.Meminfo.Replace("SwapTotal:       2097148", "SwapTotal:           100", StringComparison.Ordinal)
            .Replace("MemTotal:       16384000", "MemTotal:        8000000", StringComparison.Ordinal));
        _daemon.Clock.NowNs += TestClock.Second - 1;
        Assert.Equal(2097148, Lines.Meminfo(_worker.Show("meminfo"), "SwapTotal"));
        Assert.Equal(16384000, Lines.Meminfo(_worker.Show("meminfo", "/d"), "MemTotal"));
        _daemon.Clock.NowNs += 1;
        Assert.Equal(100, Lines.Meminfo(_worker.Show("meminfo"), "SwapTotal"));
        Assert.Equal(8000000, Lines.Meminfo(_worker.Show("meminfo", "/d"), "MemTotal"));
    }

    [Fact]
    public void Another_worker_has_texts_of_its_own()
    {
        Assert.Equal(2097148, Lines.Meminfo(_worker.Show("meminfo"), "SwapTotal"));
        _host.Write("proc/meminfo", HostTexts.Meminfo.Replace("SwapTotal:       2097148", "SwapTotal:           100", StringComparison.Ordinal));
        Assert.Equal(100, Lines.Meminfo(_daemon.NewWorker().Show("meminfo"), "SwapTotal"));
        Assert.Equal(2097148, Lines.Meminfo(_worker.Show("meminfo"), "SwapTotal"));
    }

    [Fact]
    public void The_list_of_online_cpus_serves_for_a_second()
    {
        Assert.Equal("0-3\n", _worker.Show("cpu/online"));
        _host.Write("sys/devices/system/cpu/online", "0-1\n");
        _daemon.Clock.NowNs += TestClock.Second - 1;
        Assert.Equal("0-3\n", _worker.Show("cpu/online"));
        _daemon.Clock.NowNs += 1;
        Assert.Equal("0-1\n", _worker.Show("cpu/online"));
    }

    [Fact]
    public void Diskstats_serves_for_100_ms()
    {
        Assert.StartsWith("   8       0 sda 1 ", _worker.Show("diskstats"), StringComparison.Ordinal);
        _host.Write("proc/diskstats", HostTexts.Diskstats.Replace(" sda ", " sdz ", StringComparison.Ordinal));
        _daemon.Clock.NowNs += Shared - 1;
        Assert.Contains(" sda ", _worker.Show("diskstats"), StringComparison.Ordinal);
        _daemon.Clock.NowNs += 1;
        Assert.Contains(" sdz ", _worker.Show("diskstats"), StringComparison.Ordinal);
    }

    [Fact]
    public void Stat_serves_for_a_second()
    {
        Assert.Equal([1795193736], Lines.Stat(_worker.Show("stat"), "btime"));
        _host.Write("proc/stat", HostTexts.Stat(4, btime: 1795190000));
        _daemon.Clock.NowNs += TestClock.Second - 1;
        Assert.Equal([1795193736], Lines.Stat(_worker.Show("stat"), "btime"));
        _daemon.Clock.NowNs += 1;
        Assert.Equal([1795190000], Lines.Stat(_worker.Show("stat"), "btime"));
    }

    [Fact]
    public void Overcommit_serves_for_a_second()
    {
        Assert.Equal((1048576 / 2) + 2097148, Lines.Meminfo(_worker.Show("meminfo"), "CommitLimit"));
        _host.Write("proc/sys/vm/overcommit_kbytes", "1000\n");
        _daemon.Clock.NowNs += TestClock.Second - 1;
        Assert.Equal((1048576 / 2) + 2097148, Lines.Meminfo(_worker.Show("meminfo"), "CommitLimit"));
        _daemon.Clock.NowNs += 1;
        Assert.Equal(1000 + 2097148, Lines.Meminfo(_worker.Show("meminfo"), "CommitLimit"));
    }

    [Fact]
    public void Cpuinfo_is_read_again_only_when_a_cpu_comes_or_goes()
    {
        Assert.Contains("2000.000", _worker.Show("cpuinfo"), StringComparison.Ordinal);
        _host.Write("proc/cpuinfo", HostTexts.Cpuinfo(4).Replace("2000.000", "3000.000", StringComparison.Ordinal));
        _daemon.Clock.NowNs += 3600 * TestClock.Second;
        Assert.Contains("2000.000", _worker.Show("cpuinfo"), StringComparison.Ordinal);
        _host.Write("sys/devices/system/cpu/online", "0-2\n");
        _daemon.Clock.NowNs += TestClock.Second;
        Assert.DoesNotContain("2000.000", _worker.Show("cpuinfo"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_host_process_sees_is_never_shared()
    {
        _host.Cgroup("/user.slice").Process(20, 1000, "/user.slice");
        Assert.Equal(HostTexts.Meminfo, _worker.ShowTo(20, "meminfo"));
        string other = HostTexts.Meminfo.Replace("7777771", "7777772", StringComparison.Ordinal);
        _host.Write("proc/meminfo", other);
        Assert.Equal(other, _worker.ShowTo(20, "meminfo"));
    }

    [Fact]
    public void A_file_that_comes_later_is_found_when_it_is_looked_for_again()
    {
        string path = _host.Path("proc/diskstats");
        File.Delete(path);
        using Daemonless daemon = new(_host);
        Daemonless.Worker worker = daemon.NewWorker();
        Assert.Equal("", worker.Show("diskstats"));
        _host.Write("proc/diskstats", HostTexts.Diskstats);
        Assert.Equal("", worker.Show("diskstats"));
        daemon.Clock.NowNs += Shared;
        Assert.Contains(" sda ", worker.Show("diskstats"), StringComparison.Ordinal);
    }
}
