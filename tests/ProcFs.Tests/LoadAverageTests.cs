using System.Globalization;
using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>/proc/loadavg: the kernel's arithmetic, and whose threads it is made of.</summary>
public sealed class LoadAverageTests : IDisposable
{
    private const long Second = TestClock.Second;

    private readonly HistoryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void L1_two_running_threads_and_then_none()
    {
        LoadAverage load = default;
        List<string> shown = [];
        for (int sample = 1; sample <= 16; sample++)
        {
            load = load.Next(sample <= 13 ? 2 : 0);
            shown.Add(Text(load));
            if (sample == 13)
            {
                Assert.Equal(new LoadAverage(2716, 806, 282), load);
            }
        }

        Assert.Equal(["0.16 0.03 0.01", "0.31 0.07 0.02"], shown[..2]);
        Assert.Equal(["1.27 0.37 0.13", "1.33 0.39 0.14", "1.22 0.39 0.14", "1.12 0.38 0.14", "1.03 0.37 0.13"], shown[11..]);
    }

    [Fact]
    public void L1_the_whole_line()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").WriteProcs("/c", "30\n");
        host.Process(30, 1000, "/c").Threads(30, (30, "R"), (31, "R"), (42, "S"));
        host.Write("proc/30/task/42/status", "Name:\tt\nState:\tS (x)\nNSpid:\t42\nThreads:\t3\n");
        using Daemonless daemon = new(host);
        Assert.Equal("0.16 0.03 0.01 2/3 42\n", daemon.NewWorker().Show("loadavg"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(int.MaxValue)]
    public void A_steady_load_is_reached_and_never_passed(int active)
    {
        LoadAverage load = default;
        for (int i = 0; i < 5000; i++)
        {
            LoadAverage next = load.Next(active);
            Assert.True(next.IsSane && next.One >= load.One && next.Five >= load.Five && next.Fifteen >= load.Fifteen);
            load = next;
        }

        long all = active * LoadAverage.Unit;
        Assert.Equal(new LoadAverage(all, all, all), load);
        for (int i = 0; i < 20_000; i++)
        {
            load = load.Next(0);
        }

        Assert.Equal(default, load);
    }

    [Fact]
    public void Blocked_threads_count_and_are_not_running()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").WriteProcs("/c", "30\n").Cgroup("/c/a").Cgroup("/c/a/b").WriteProcs("/c/a/b", "31\n32\n");
        host.Process(30, 1000, "/c", state: "D").Process(31, 1000, "/c/a/b", state: "R").Process(32, 1000, "/c/a/b", state: "S");
        using Daemonless daemon = new(host);
        Assert.Equal("0.16 0.03 0.01 1/3 32\n", daemon.NewWorker().Show("loadavg"));
    }

    [Fact]
    public void A_reader_counts_as_running_where_nobody_else_is()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").WriteProcs("/c", "30\n").Process(30, 1000, "/c");
        using Daemonless daemon = new(host);
        Assert.Equal("0.00 0.00 0.00 1/1 30\n", daemon.NewWorker().Show("loadavg"));
        host.WriteProcs("/c", "");
        daemon.Clock.NowNs += Second;
        Assert.Equal("0.00 0.00 0.00 1/1 30\n", daemon.NewWorker().Show("loadavg"));
    }

    [Fact]
    public void Reads_between_two_samples_do_not_move_the_averages()
    {
        using HostTree host = Loop();
        using Daemonless daemon = new(host);
        Assert.Equal("0.08 0.02 0.01 1/1 30\n", daemon.NewWorker().Show("loadavg"));
        daemon.Clock.NowNs += (10 * Second) - 1;
        Assert.Equal("0.08 0.02 0.01 1/1 30\n", daemon.NewWorker().Show("loadavg"));
        // The sampler should have been there: a reader steps in, with all that is owed.
        daemon.Clock.NowNs += 1;
        Assert.Equal("0.22 0.05 0.02 1/1 30\n", daemon.NewWorker().Show("loadavg"));
    }

    [Fact]
    public void Not_more_than_twelve_missed_samples_are_made_up_for()
    {
        LoadAverage expected = default(LoadAverage).Next(1);
        ContainerLoad load = new();
        Assert.Equal(expected, load.Read(100 * Second, 1));
        for (int i = 0; i < 12; i++)
        {
            expected = expected.Next(3);
        }

        Assert.Equal(expected, load.Read(7000 * Second, 3));
        Assert.Equal(expected, load.Read(7009 * Second, 9));
        load.Sample(7005 * Second, 3);
        Assert.Equal(expected.Next(3), load.Read(7005 * Second, 3));
    }

    [Fact]
    public void The_averages_go_on_with_the_next_daemon()
    {
        using HostTree host = Loop();
        LoadAverage load = default;
        for (int daemons = 0; daemons < 5; daemons++)
        {
            _folder.Clock.NowNs = (1100 + (20 * daemons)) * Second;
            using History history = _folder.Open()!;
            using Daemonless daemon = new(host, history: history);
            daemon.Clock.NowNs = _folder.Clock.NowNs;
            for (int steps = daemons == 0 ? 1 : 4; steps > 0; steps--)
            {
                load = load.Next(1);
            }

            Assert.Equal($"{Text(load)} 1/1 30\n", daemon.NewWorker().Show("loadavg"));
        }
    }

    [Fact]
    public void What_no_sampler_has_written_is_not_gone_on_with()
    {
        foreach (LoadState state in new LoadState[] { new(new(-1, 0, 0), 5), new(new(0, long.MaxValue, 0), 5), new(default, -5), new(default, long.MaxValue) })
        {
            HistoryKey key = new(1, 1, 2, 3, -1, 0);
            using (History history = _folder.Open()!)
            {
                history.Claim(key, 1)!.SaveLoad(state);
            }

            using History next = _folder.Open()!;
            Assert.Equal(default, next.Claim(key, 1)!.Load);
        }
    }

    [Fact]
    public void Switched_off_they_are_zero()
    {
        using HostTree host = Loop();
        using Daemonless daemon = new(host, new ViewOptions { LoadAverage = false });
        Assert.Equal("0.00 0.00 0.00 1/1 30\n", daemon.NewWorker().Show("loadavg"));
    }

    [Fact]
    public void A_process_of_the_host_reads_the_hosts_own_line()
    {
        using HostTree host = Loop().Write("proc/loadavg", "9.99 8.88 7.77 6/555 4444\n").Process(40, 1000, "/c");
        Assert.Equal("9.99 8.88 7.77 6/555 4444\n", host.ShowTo(40, "loadavg"));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void A_container_in_the_root_of_every_hierarchy_reads_the_hosts_own_line(string version)
    {
        using HostTree host = HostTree.Of(version).Write("proc/loadavg", "9.99 8.88 7.77 6/555 4444\n");
        host.Process(40, 1000, "/", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1);
        Assert.Equal("9.99 8.88 7.77 6/555 4444\n", host.ShowTo(40, "loadavg"));
    }

    private static HostTree Loop() => HostTree.V2().Cgroup("/c").WriteProcs("/c", "30\n").Process(30, 1000, "/c", state: "R");

    private static string Text(LoadAverage load)
    {
        return string.Join(' ', new[] { load.One, load.Five, load.Fifteen }.Select(value => Hundredths(value + 10)));

        static string Hundredths(long value) => string.Create(CultureInfo.InvariantCulture, $"{value >> 11}.{((value & 2047) * 100) >> 11:00}");
    }
}
