using ProcFs.Containers;

namespace ProcFs.Tests;

/// <summary>How much of a container is walked for /proc/stat, and how often.</summary>
public sealed class ThreadWalkTests
{
    private readonly (int, string)[] _running = [.. Enumerable.Range(0, 10).Select(i => (i, "R"))];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(12, 12)]
    [InlineData(30, 30)]
    [InlineData(31, 30)]
    [InlineData(4096, 30)]
    public void No_more_threads_than_the_bound_are_looked_at(int most, int running)
    {
        using HostTree host = ThreeProcesses();
        using Daemonless daemon = new(host, new ViewOptions { MostThreads = most });
        Assert.Equal([running], Lines.Stat(daemon.NewWorker().Show("stat"), "procs_running"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(256)]
    [InlineData(300)]
    public void No_more_processes_than_the_bound_are_looked_at(int most)
    {
        using HostTree host = HostTree.V2().Cgroup("/c");
        for (int pid = 1000; pid < 1400; pid++)
        {
            host.Process(pid, 1000, "/c", state: "D");
        }

        host.WriteProcs("/c", string.Concat(Enumerable.Range(1000, 400).Select(pid => $"{pid}\n")));
        using Daemonless daemon = new(host, new ViewOptions { MostThreads = most });
        Assert.Equal([most], Lines.Stat(daemon.NewWorker().Show("stat"), "procs_blocked"));
    }

    [Fact]
    public void All_workers_share_a_walk_for_a_second()
    {
        using HostTree host = ThreeProcesses();
        using Daemonless daemon = new(host);
        Assert.Equal([30], Lines.Stat(daemon.NewWorker().Show("stat"), "procs_running"));

        host.WriteProcs("/c", "100\n");
        daemon.Clock.NowNs += TestClock.Second - 1;
        Assert.Equal([30], Lines.Stat(daemon.NewWorker().Show("stat"), "procs_running"));
        daemon.Clock.NowNs += 1;
        Assert.Equal([10], Lines.Stat(daemon.NewWorker().Show("stat"), "procs_running"));
    }

    [Fact]
    public void Containers_do_not_share_their_walks()
    {
        using HostTree host = ThreeProcesses().Cgroup("/d").WriteProcs("/d", "200\n");
        using Daemonless daemon = new(host);
        Daemonless.Worker worker = daemon.NewWorker();
        Assert.Equal([30], Lines.Stat(worker.Show("stat"), "procs_running"));
        Assert.Equal([10], Lines.Stat(worker.Show("stat", "/d"), "procs_running"));
    }

    [Fact]
    public void Processes_never_falls_though_the_newest_one_ends()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").WriteProcs("/c", "100\n300\n").Process(100, 1000, "/c").Process(300, 1000, "/c");
        using Daemonless daemon = new(host);
        Daemonless.Worker worker = daemon.NewWorker();
        Assert.Equal([300], Lines.Stat(worker.Show("stat"), "processes"));
        host.WriteProcs("/c", "100\n");
        daemon.Clock.NowNs += TestClock.Second;
        Assert.Equal([300], Lines.Stat(worker.Show("stat"), "processes"));
    }

    /// <summary>100, 200 and 300 with ten running threads each.</summary>
    private HostTree ThreeProcesses()
    {
        HostTree host = HostTree.V2().Cgroup("/c").WriteProcs("/c", "100\n200\n300\n");
        foreach (int pid in new[] { 100, 200, 300 })
        {
            host.Process(pid, 1000, "/c", state: "R").Threads(pid, [.. _running.Select(thread => (pid + thread.Item1, thread.Item2))]);
        }

        return host;
    }
}
