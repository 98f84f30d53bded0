using ProcFs.Containers;

namespace ProcFs.Tests;

/// <summary>For how long it is remembered whose view a caller gets.</summary>
public sealed class CallerCacheTests : IDisposable
{
    private const ulong Pid = 4026532001;
    private const ulong Mount = 4026532002;

    private readonly HostTree _host = HostTree.V2();
    private readonly Daemonless _daemon;
    private readonly TestClock _clock = new();
    private readonly CallerCache _cache;

    public CallerCacheTests()
    {
        _daemon = new Daemonless(_host);
        _cache = new CallerCache(_clock);
    }

    public void Dispose()
    {
        _daemon.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void An_entry_serves_for_three_seconds()
    {
        CallerView view = _daemon.NewView();
        _cache.Remember(Pid, Mount, "0::/a\n"u8, view);
        Assert.Same(view, _cache.Find(Pid, Mount, "0::/a\n"u8));
        _clock.NowNs += (3 * TestClock.Second) - 1;
        Assert.Same(view, _cache.Find(Pid, Mount, "0::/a\n"u8));
        _clock.NowNs += 1;
        Assert.Null(_cache.Find(Pid, Mount, "0::/a\n"u8));

        CallerView next = _daemon.NewView();
        _cache.Remember(Pid, Mount, "0::/a\n"u8, next);
        Assert.Same(next, _cache.Find(Pid, Mount, "0::/a\n"u8));
    }

    [Fact]
    public void Only_the_same_namespaces_and_cgroups_are_found()
    {
        _cache.Remember(Pid, Mount, "0::/a\n"u8, _daemon.NewView());
        Assert.Null(_cache.Find(Pid + 1, Mount, "0::/a\n"u8));
        Assert.Null(_cache.Find(Pid, Mount + 1, "0::/a\n"u8));
        Assert.Null(_cache.Find(Mount, Pid, "0::/a\n"u8));
        Assert.Null(_cache.Find(Pid, Mount, "0::/ab\n"u8));
        Assert.Null(_cache.Find(Pid, Mount, "0::/a"u8));
    }

    [Fact]
    public void One_namespace_keeps_its_last_64_cgroups()
    {
        CallerView view = _daemon.NewView();
        for (int i = 0; i < 65; i++)
        {
            _cache.Remember(Pid, Mount, Text(i), view);
        }

        Assert.Null(_cache.Find(Pid, Mount, Text(0)));
        Assert.All(Enumerable.Range(1, 64), i => Assert.Same(view, _cache.Find(Pid, Mount, Text(i))));
    }

    [Fact]
    public void So_many_namespaces_are_kept_and_no_more()
    {
        CallerView view = _daemon.NewView();
        for (ulong i = 0; i < 8192; i++)
        {
            _cache.Remember(i, Mount, "x"u8, view);
        }

        Assert.Same(view, _cache.Find(0, Mount, "x"u8));
        _cache.Remember(8192, Mount, "x"u8, view);
        Assert.Same(view, _cache.Find(8192, Mount, "x"u8));
        Assert.Null(_cache.Find(0, Mount, "x"u8));
    }

    [Fact]
    public void Forgetting_a_container_leaves_the_others()
    {
        CallerView one = _daemon.NewView();
        CallerView two = _daemon.NewView();
        _cache.Remember(Pid, Mount, "1"u8, one);
        _cache.Remember(Pid + 1, Mount, "2"u8, two);
        _cache.Forget(one.Container);
        Assert.Null(_cache.Find(Pid, Mount, "1"u8));
        Assert.Same(two, _cache.Find(Pid + 1, Mount, "2"u8));
    }

    [Fact]
    public void A_caller_is_remembered_with_what_its_container_was_then()
    {
        Start(10, "/one", 100);
        _host.Cgroup("/two", ("memory.max", "209715200"), ("memory.current", "0"), ("memory.stat", "file 0"));
        Caller(50, "/joined");
        Daemonless.Worker worker = _daemon.NewWorker();
        Assert.Equal(100 * 1024, Total(worker, 50));

        // The init moves: what is remembered of the caller serves on, and then no more.
        _host.Write("proc/10/cgroup", "0::/two\n");
        _daemon.Clock.NowNs += (3 * TestClock.Second) - 1;
        Assert.Equal(100 * 1024, Total(worker, 50));
        _daemon.Clock.NowNs += 1;
        Assert.Equal(200 * 1024, Total(worker, 50));
    }

    [Fact]
    public void When_the_init_has_died_the_caller_is_resolved_anew_at_once()
    {
        Start(10, "/one", 100);
        Caller(50, "/joined");
        Daemonless.Worker worker = _daemon.NewWorker();
        Assert.Equal(100 * 1024, Total(worker, 50));

        // The number of the namespace is given out again, within the same second.
        Directory.Delete(_host.Path("proc/10"), recursive: true);
        Start(20, "/two", 200);
        Assert.Equal(200 * 1024, Total(worker, 50));
    }

    private static byte[] Text(int i) => System.Text.Encoding.ASCII.GetBytes($"0::/{i}\n");

    private static long Total(Daemonless.Worker worker, int threadId) => Lines.Meminfo(worker.ShowTo(threadId, "meminfo"), "MemTotal");

    private void Start(int pid, string cgroup, long mebibytes)
        => _host.Cgroup(cgroup, ("memory.max", $"{mebibytes << 20}"), ("memory.current", "0"), ("memory.stat", "file 0"))
            .Process(pid, pid * 100, cgroup, $"pid:[{Pid}]", $"mnt:[{Mount}]", namespacePid: 1);

    /// <summary>It has entered the container's namespaces, and is in a cgroup elsewhere.</summary>
    private void Caller(int pid, string cgroup) => _host.Cgroup(cgroup).Process(pid, 5000, cgroup, $"pid:[{Pid}]", $"mnt:[{Mount}]", namespacePid: 9);
}
