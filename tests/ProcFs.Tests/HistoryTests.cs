using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>A daemon that takes over from another one shows what that one would have shown.</summary>
public sealed class HistoryTests : IDisposable
{
    private const long Second = TestClock.Second;

    private readonly HistoryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void S1_goes_on_with_the_next_daemon()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"));
        host.Process(500, 100000, "/c").WriteProcs("/c", "500\n");
        Daemons daemons = new(host, _folder);
        string zeros = " 0 0 0 0 0 0";
        Lines.AssertIn(daemons.Show(1100, "usage_usec 30000000\nuser_usec 20000000\nsystem_usec 10000000"), $"cpu  2000 0 1000 12000{zeros}\ncpu0 1000 0 500 6000{zeros}");
        Lines.AssertIn(daemons.Show(1110, "usage_usec 42000000\nuser_usec 30500000\nsystem_usec 11500000"), $"cpu  3050 0 1150 12300{zeros}\ncpu0 1525 0 575 6150{zeros}");
        Lines.AssertIn(daemons.Show(1120, "usage_usec 58000000\nuser_usec 42500000\nsystem_usec 15500000"), $"cpu  4175 0 1525 12300{zeros}\ncpu0 2087 0 762 6150{zeros}");
        Lines.AssertIn(daemons.Show(1130, "usage_usec 58000000\nuser_usec 42500000\nsystem_usec 15500000"), $"cpu  4250 0 1550 13700{zeros}\ncpu0 2125 0 775 6850{zeros}");
        Lines.AssertIn(daemons.Show(1140, "usage_usec 0\nuser_usec 0\nsystem_usec 0"), $"cpu  4250 0 1550 15200{zeros}\ncpu0 2125 0 775 7600{zeros}");
        Assert.Empty(_folder.Told);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ledger_does_not_notice_how_many_daemons_it_had(bool perCpu)
    {
        for (int seed = 1; seed <= 60; seed++)
        {
            Random random = new(seed);
            CpuLedger uninterrupted = new();
            (CpuTimes expected, CpuTimes actual) = (new CpuTimes(), new CpuTimes());
            RandomCgroup cgroup = new(random, perCpu);
            HistoryKey key = new(1, (ulong)seed, 1, perCpu ? 1U : 0, -1, 0);
            History? history = null;
            CpuLedger ledger = uninterrupted;
            for (int step = 0; step < 100; step++)
            {
                if (history is null || random.Next(4) == 0)
                {
                    history?.Dispose();
                    history = _folder.Open()!;
                    Assert.Empty(_folder.Told);
                    ledger = new CpuLedger(history.Claim(key, RandomCgroup.StartNs));
                }

                cgroup.Run();
                // Some samples were begun before another one was booked, and are dropped.
                int late = random.Next(10) == 0 ? 1 : 0;
                uninterrupted.Update(uninterrupted.Version - late, cgroup.Sample(), expected);
                ledger.Update(ledger.Version - late, cgroup.Sample(), actual);
                Assert.Equal(Values(expected), Values(actual));
            }

            history!.Dispose();
        }
    }

    [Fact]
    public void The_start_stays_though_the_oldest_process_ended_while_nobody_looked()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").WriteProcs("/c", "500\n600\n").Process(500, 100000, "/c").Process(600, 105000, "/c");
        Daemons daemons = new(host, _folder);
        Assert.StartsWith("100.00 ", daemons.Show(1100, "", "uptime"), StringComparison.Ordinal);
        host.WriteProcs("/c", "600\n");
        Assert.StartsWith("110.00 ", daemons.Show(1110, "", "uptime"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_without_a_beginning_does_not_get_one()
    {
        using HostTree host = HostTree.V2().Cgroup("/c");
        Daemons daemons = new(host, _folder);
        string before = daemons.Show(1100, "", "uptime");
        host.WriteProcs("/c", "500\n").Process(500, 1000, "/c");
        Assert.Equal(before.Split(' ')[0], daemons.Show(1100, "", "uptime").Split(' ')[0]);
    }

    [Fact]
    public void Processes_never_falls_though_the_newest_one_ended_while_nobody_looked()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").WriteProcs("/c", "100\n300\n").Process(100, 1000, "/c").Process(300, 1000, "/c");
        Daemons daemons = new(host, _folder);
        Assert.Equal([300], Lines.Stat(daemons.Show(1100, "usage_usec 5000000\nuser_usec 5000000\nsystem_usec 0"), "processes"));
        host.WriteProcs("/c", "100\n");
        string now = daemons.Show(1110, "usage_usec 6000000\nuser_usec 6000000\nsystem_usec 0");
        Assert.Equal([300], Lines.Stat(now, "processes"));
        Assert.Equal(600, Lines.Stat(now, "cpu")[0]);
        Assert.Equal([300], Lines.Stat(daemons.Show(1120, "usage_usec 6000000\nuser_usec 6000000\nsystem_usec 0"), "processes"));
    }

    [Fact]
    public void Another_init_in_the_same_cgroup_is_another_container()
    {
        using HostTree host = HostTree.V2();
        Start(host, 10, startTicks: 1000);
        Daemons daemons = new(host, _folder);
        Assert.Equal(500, Lines.Stat(daemons.Show(1100, "usage_usec 5000000\nuser_usec 5000000\nsystem_usec 0", caller: 10), "cpu")[0]);
        Directory.Delete(host.Path("proc/10"), recursive: true);
        Start(host, 10, startTicks: 100000);
        Assert.Equal(100, Lines.Stat(daemons.Show(1110, "usage_usec 1000000\nuser_usec 1000000\nsystem_usec 0", caller: 10), "cpu")[0]);
        Assert.Equal(100, Lines.Stat(daemons.Show(1120, "usage_usec 0\nuser_usec 0\nsystem_usec 0", caller: 10), "cpu")[0]);
    }

    [Fact]
    public void A_container_that_has_ended_is_forgotten()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").Cgroup("/d");
        using History history = _folder.Open()!;
        using Daemonless daemon = new(host, history: history);
        Daemonless.Worker worker = daemon.NewWorker();
        worker.Show("stat", "/c");
        worker.Show("stat", "/d");
        Assert.Equal(2, history.Count);
        host.Remove("/c");
        daemon.Clock.NowNs += 11 * Second;
        worker.Show("stat", "/d");
        Assert.Equal(1, history.Count);

        // Its place is used again.
        long length = new FileInfo(_folder.StateFile).Length;
        worker.Show("stat", host.Cgroup("/e") is not null ? "/e" : "");
        Assert.Equal((2, length), (history.Count, new FileInfo(_folder.StateFile).Length));
    }

    [Fact]
    public void What_ends_in_the_hands_of_a_reader_is_not_written_into_the_next_owners_record()
    {
        using History history = _folder.Open()!;
        HistoryRecord ended = history.Claim(Key(1), 1)!;
        CpuLedger ledger = new(ended);
        RandomCgroup cgroup = new(new Random(1), perCpu: false);
        CpuTimes times = new();
        ledger.Update(0, cgroup.Sample(), times);
        history.Remove(ended);
        history.Remove(ended);
        HistoryRecord next = history.Claim(Key(2), 2)!;
        Assert.Equal(ended.Slot, next.Slot);
        cgroup.Run();
        ledger.Update(ledger.Version, cgroup.Sample(), times);
        ended.SaveHighestPid(77);
        Assert.False(next.TryLoad(out _, out _, out _, out _, out _, out _));
        Assert.Equal(0, next.HighestPid);

        history.Dispose();
        ledger.Update(ledger.Version, cgroup.Sample(), times);
        next.SaveHighestPid(78);
        Assert.Null(history.Claim(Key(3), 3));
        using History again = _folder.Open()!;
        Assert.Equal((1, 2L, 0), (again.Count, again.Claim(Key(2), null)!.StartNs!.Value, again.Claim(Key(1), null)!.HighestPid));
    }

    [Fact]
    public void When_the_file_is_full_whoever_was_not_asked_for_longest_makes_room()
    {
        _folder.Clock.NowNs = Second;
        using (History first = _folder.Open()!)
        {
            for (ulong i = 0; i < HistoryFile.MostRecords; i++)
            {
                // 17 is the oldest, 0 the next.
                _folder.Clock.NowNs = i == 17 ? Second : (long)(i + 2) * Second;
                Assert.NotNull(first.Claim(Key(i), (long)i));
            }

            Assert.Null(first.Claim(Key(10_000), 1));
            Assert.Null(first.Claim(Key(10_001), 1));
            Assert.Single(_folder.Told);
            Assert.Contains("more than 4096 containers", _folder.Told[0], StringComparison.Ordinal);
        }

        using History next = _folder.Open()!;
        Assert.Empty(_folder.Told);
        Assert.Equal(HistoryFile.MostRecords, next.Count);
        Assert.Equal(1, next.Claim(Key(1), null)!.StartNs);
        Assert.NotNull(next.Claim(Key(10_000), 5));
        Assert.NotNull(next.Claim(Key(10_001), 5));
        Assert.False(next.TryFindStart(Key(17), out _));
        Assert.False(next.TryFindStart(Key(0), out _));
        Assert.True(next.TryFindStart(Key(2), out long? start));
        Assert.Equal(2, start);
        Assert.Equal(HistoryFile.MostRecords, next.Count);
    }

    [Fact]
    public void The_caller_nobody_knows_goes_on_as_well()
    {
        using HostTree host = HostTree.V2();
        string[] shown = new string[2];
        for (int i = 0; i < shown.Length; i++)
        {
            using History history = _folder.Open()!;
            TestClock clock = new() { NowNs = (1100 + (100 * i)) * Second };
            using Serving.ViewService views = new(Host.HostRoots.From(host.Path("proc"), host.Path("sys/fs/cgroup")), new ViewOptions(), 256,
                Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, clock, history);
            Text.TextBuffer output = new();
            views.CreateRenderer().Render(Files.ProcFiles.Find("stat")!, 0, 0, output);
            shown[i] = System.Text.Encoding.ASCII.GetString(output.Text);
        }

        Assert.Equal(Lines.Stat(shown[0], "cpu")[3] + (4 * 100 * 100), Lines.Stat(shown[1], "cpu")[3]);
    }

    [Fact]
    public void Keeping_allocates_nothing()
    {
        using History history = _folder.Open()!;
        HistoryRecord record = history.Claim(Key(1), 1)!;
        CpuLedger ledger = new(record);
        CpuTimes times = new();
        RandomCgroup cgroup = new(new Random(1), perCpu: true);
        ledger.Update(ledger.Version, cgroup.Sample(), times);
        cgroup.Cpus = RandomCgroup.View(8, null);
        for (int i = 0; i < 2; i++)
        {
            ledger.Update(ledger.Version, cgroup.Sample(), times);
            record.SaveHighestPid(i);
        }

        int pid = 100;
        Allocated.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                ledger.Update(ledger.Version, cgroup.Sample(), times);
                record.SaveHighestPid(pid++);
            }
        });
    }

    private static HistoryKey Key(ulong inode) => new(1, inode, 2, 3, -1, 0);

    private static long[] Values(CpuTimes times)
        => [.. Enumerable.Range(0, times.Visible).SelectMany(cpu => Four(times[cpu])), .. Four(times.Sum)];

    private static long[] Four(CpuTime time) => [(long)time.UserNs, (long)time.NiceNs, (long)time.SystemNs, (long)time.IdleNs];

    private static void Start(HostTree host, int init, long startTicks)
        => host.Cgroup("/c").Process(init, startTicks, "/c", $"pid:[{4026532000 + init}]", $"mnt:[{4026540000 + init}]", namespacePid: 1);

    /// <summary>One daemon after another, each asked once.</summary>
    private sealed class Daemons(HostTree host, HistoryFolder folder)
    {
        public string Show(decimal uptime, string cpuStat, string file = "stat", int caller = 0)
        {
            host.Uptime(uptime).Cgroup("/c", ("cpu.stat", cpuStat));
            folder.Clock.NowNs = (long)(uptime * Second);
            using History history = folder.Open()!;
            using Daemonless daemon = new(host, history: history);
            daemon.Clock.NowNs = folder.Clock.NowNs;
            return caller > 0 ? daemon.NewWorker().ShowTo(caller, file) : daemon.NewWorker().Show(file);
        }
    }
}
