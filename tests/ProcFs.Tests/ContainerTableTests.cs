using System.Collections.Concurrent;
using ProcFs.Cgroups;
using ProcFs.Containers;

namespace ProcFs.Tests;

/// <summary>What the daemon remembers of containers, and for how long.</summary>
public sealed class ContainerTableTests : IDisposable
{
    private const long SweepAfter = 10 * TestClock.Second;

    private readonly HostTree _host = HostTree.V2();
    private readonly Daemonless _daemon;

    public ContainerTableTests() => _daemon = new Daemonless(_host);

    private ContainerTable Table => _daemon.Table;

    public void Dispose()
    {
        _daemon.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void A_container_whose_init_ended_is_forgotten_at_the_next_sweep()
    {
        Start(10, "/one");
        Start(20, "/two");
        Daemonless.Worker worker = _daemon.NewWorker();
        worker.ShowTo(10, "uptime");
        worker.ShowTo(20, "uptime");
        Assert.Equal(2, Table.Count);

        Directory.Delete(_host.Path("proc/10"), recursive: true);
        _daemon.Clock.NowNs += SweepAfter - 1;
        worker.ShowTo(20, "uptime");
        Assert.Equal(2, Table.Count);
        _daemon.Clock.NowNs += SweepAfter;
        worker.ShowTo(20, "uptime");
        Assert.Equal(1, Table.Count);
    }

    [Fact]
    public void A_container_of_a_living_pod_is_forgotten_when_its_own_cgroup_is_gone()
    {
        // One pid namespace for the pod: the init of all of its containers is the pause process.
        Start(10, "/pod/pause");
        _host.Cgroup("/pod/app").Process(11, 1000, "/pod/app", PidNamespace(10), "mnt:[4026533333]", namespacePid: 7, parent: 10);
        Daemonless.Worker worker = _daemon.NewWorker();
        worker.ShowTo(10, "uptime");
        worker.ShowTo(11, "uptime");
        Assert.Equal(2, Table.Count);

        _host.Remove("/pod/app");
        _daemon.Clock.NowNs += SweepAfter;
        worker.ShowTo(10, "uptime");
        Assert.Equal(1, Table.Count);
    }

    [Fact]
    public void A_container_without_a_process_of_its_own_lasts_as_long_as_its_cgroup()
    {
        _host.Cgroup("/c").Cgroup("/d");
        Daemonless.Worker worker = _daemon.NewWorker();
        worker.Show("uptime", "/c");
        worker.Show("uptime", "/d");
        for (int i = 0; i < 3; i++)
        {
            _daemon.Clock.NowNs += SweepAfter;
            worker.Show("uptime", "/d");
            Assert.Equal(2, Table.Count);
        }

        _host.Remove("/c");
        _daemon.Clock.NowNs += SweepAfter;
        worker.Show("uptime", "/d");
        Assert.Equal(1, Table.Count);
    }

    [Fact]
    public void The_table_stays_small_while_containers_come_and_go()
    {
        Daemonless.Worker worker = _daemon.NewWorker();
        int most = 0;
        for (int i = 0; i < 300; i++)
        {
            Start(1000 + i, $"/c{i}");
            worker.ShowTo(1000 + i, "uptime");
            most = Math.Max(most, Table.Count);
            Directory.Delete(_host.Path($"proc/{1000 + i}"), recursive: true);
            _host.Remove($"/c{i}");
            _daemon.Clock.NowNs += TestClock.Second;
        }

        // What ended within the last ten seconds, and the one that lives.
        Assert.InRange(most, 2, 12);
    }

    [Fact]
    public void A_container_that_is_looked_up_anew_goes_on_counting()
    {
        Start(10, "/c");
        _host.Cgroup("/c", ("cpu.stat", "usage_usec 5000000\nuser_usec 5000000\nsystem_usec 0"));
        Daemonless.Worker worker = _daemon.NewWorker();
        long[] before = Lines.Stat(worker.ShowTo(10, "stat"), "cpu");
        Assert.Equal(500, before[0]);

        // The kernel's counter starts over: what was shown stays, as long as it is the same container to us.
        _host.Cgroup("/c", ("cpu.stat", "usage_usec 0\nuser_usec 0\nsystem_usec 0"));
        for (int i = 0; i < 5; i++)
        {
            _daemon.Clock.NowNs += SweepAfter;
            long[] now = Lines.Stat(_daemon.NewWorker().ShowTo(10, "stat"), "cpu");
            Assert.Equal(500, now[0]);
            Assert.Equal(before[3] + 4000, now[3]);
            before = now;
        }

        Assert.Equal(1, Table.Count);
    }

    [Fact]
    public void A_new_init_in_the_same_cgroup_is_a_new_container()
    {
        Start(10, "/c");
        _host.Cgroup("/c", ("cpu.stat", "usage_usec 5000000\nuser_usec 5000000\nsystem_usec 0"));
        Daemonless.Worker worker = _daemon.NewWorker();
        Assert.Equal(500, Lines.Stat(worker.ShowTo(10, "stat"), "cpu")[0]);

        Directory.Delete(_host.Path("proc/10"), recursive: true);
        Start(10, "/c", startTicks: 100000);
        _host.Cgroup("/c", ("cpu.stat", "usage_usec 0\nuser_usec 0\nsystem_usec 0"));
        Assert.Equal(0, Lines.Stat(worker.ShowTo(10, "stat"), "cpu")[0]);
        Assert.StartsWith("100.00 ", worker.ShowTo(10, "uptime"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_start_is_asked_for_once()
    {
        _host.Cgroup("/c");
        CgroupPaths paths = CgroupPaths.Same(_daemon.Tree.Layout, "/c");
        int asked = 0;
        Container first = Table.GetOrAdd(paths, null, _ => ++asked);
        Assert.Same(first, Table.GetOrAdd(paths, null, _ => ++asked));
        Assert.Equal((1, 1L), (asked, first.StartNs));
    }

    [Fact]
    public void Workers_that_ask_at_once_get_the_same_container()
    {
        for (int i = 0; i < 50; i++)
        {
            _host.Cgroup($"/c{i}");
            CgroupPaths paths = CgroupPaths.Same(_daemon.Tree.Layout, $"/c{i}");
            ConcurrentBag<Container> found = [];
            using Barrier barrier = new(4);
            Thread[] workers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                barrier.SignalAndWait();
                found.Add(Table.GetOrAdd(paths, null, _ => 1));
            }))];
            Array.ForEach(workers, worker => worker.Start());
            Array.ForEach(workers, worker => worker.Join());
            Assert.Equal(4, found.Count);
            Assert.Single(found.Distinct());
        }

        Assert.Equal(50, Table.Count);
    }

    /// <summary>A container with namespaces of its own.</summary>
    private void Start(int init, string cgroup, long startTicks = 1000)
        => _host.Cgroup(cgroup).Process(init, startTicks, cgroup, PidNamespace(init), $"mnt:[{4026540000 + init}]", namespacePid: 1);

    private static string PidNamespace(int init) => $"pid:[{4026532000 + init}]";
}
