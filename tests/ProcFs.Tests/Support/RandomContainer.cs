using System.Globalization;

namespace ProcFs.Tests.Support;

/// <summary>A container below another cgroup, of which anything may change from one look to the next.</summary>
internal sealed class RandomContainer : IDisposable
{
    private const int FirstPid = 3000;
    private const int MostThreads = 12;
    private const string Cgroup = "/p/c";

    private static readonly string[] V1Numbers =
    [
        "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes", "memory.swappiness", "memory.kmem.usage_in_bytes",
        "cpu.cfs_quota_us", "cpu.cfs_period_us",
    ];

    private static readonly string[] V2Numbers = ["memory.max", "memory.high", "memory.current", "memory.swap.max", "memory.swap.current"];

    private static readonly string[] StatKeys =
    [
        "anon", "file", "kernel_stack", "shmem", "file_mapped", "swapcached", "inactive_anon", "active_anon", "inactive_file", "active_file", "slab_reclaimable", "slab_unreclaimable",
        "pgfault", "pgmajfault", "pswpin", "pgsteal_kswapd", "workingset_refault_file",
    ];

    private static readonly string[] V1StatKeys =
    [
        "total_cache", "total_rss", "total_mapped_file", "total_shmem", "total_inactive_anon", "total_active_file", "total_swap", "hierarchical_memory_limit", "hierarchical_memsw_limit",
        "total_pgfault", "total_pgmajfault", "total_workingset_refault_file",
    ];

    private readonly string _version;
    private readonly Random _random;
    private readonly HostTree _host;
    private readonly Daemonless _daemon;
    private readonly Daemonless.Worker _worker;
    private readonly Dictionary<string, string> _files = [];
    private readonly Dictionary<string, long> _counters = [];

    public RandomContainer(string version, Random random)
    {
        (_version, _random) = (version, random);
        // Somebody is there from the beginning, by whom the start is known.
        _host = HostTree.Of(version).Cgroup("/p").Cgroup(Cgroup).Process(FirstPid, 1000, Cgroup);
        _daemon = new Daemonless(_host);
        _worker = _daemon.NewWorker();
    }

    /// <summary>What was written last, to be told when something is wrong.</summary>
    public IEnumerable<string> Files => _files.Select(file => $"{file.Key}: {file.Value.Replace("\n", " | ", StringComparison.Ordinal)}");

    public string Show(string file) => _worker.Show(file, Cgroup);

    public void Dispose()
    {
        _daemon.Dispose();
        _host.Dispose();
    }

    /// <summary>Time passes, and some files change.</summary>
    public void Change()
    {
        _daemon.Clock.NowNs += _random.Next(5) switch { 0 => 0, 1 => _random.Next(1_000_000_000), 2 => TestClock.Second * _random.Next(4000), _ => TestClock.Second * _random.Next(12) };
        foreach (string cgroup in new[] { "/p", Cgroup })
        {
            foreach (string name in _version == "v1" ? V1Numbers : V2Numbers)
            {
                Maybe(cgroup, name, Number);
            }

            Maybe(cgroup, "memory.stat", () => Lines(_version == "v1" ? V1StatKeys : StatKeys, cgroup, " "));
        }

        if (_version == "v1")
        {
            Maybe(Cgroup, "cpuset.effective_cpus", Cpus);
            Maybe(Cgroup, "cpuacct.usage", () => Text(Counter("usage", 1_000_000_000)));
            Maybe(Cgroup, "cpuacct.usage_percpu", () => string.Join(' ', Enumerable.Range(0, 4).Select(cpu => Counter("cpu" + cpu, 1_000_000_000))));
            Maybe(Cgroup, "cpuacct.stat", () => $"user {Counter("user", 100)}\nsystem {Counter("system", 100)}");
            Maybe(Cgroup, "memory.oom_control", () => $"oom_kill {Counter("oom", 2)}");
            Maybe(Cgroup, "blkio.throttle.io_service_bytes_recursive", () => $"8:0 Read {Counter("read", 1 << 20)}\n8:0 Write {Counter("written", 1 << 20)}");
            Maybe(Cgroup, "blkio.throttle.io_serviced_recursive", () => $"8:0 Read {Counter("reads", 100)}\n8:0 Write {Counter("writes", 100)}");
        }
        else
        {
            Maybe(Cgroup, "cpu.max", () => $"{Number()} {Number()}");
            Maybe(Cgroup, "cpuset.cpus.effective", Cpus);
            Maybe(Cgroup, "cpu.stat", () => $"usage_usec {Counter("usage", 1_000_000)}\nuser_usec {Counter("user", 1_000_000)}\nsystem_usec {Counter("system", 1_000_000)}");
            Maybe(Cgroup, "memory.events", () => $"oom_kill {Counter("oom", 2)}");
            Maybe(Cgroup, "io.stat", () => $"8:0 rbytes={Counter("read", 1 << 20)} wbytes={Counter("written", 1 << 20)} rios={Counter("reads", 100)} wios={Counter("writes", 100)}");
        }

        ChangeThreads();
    }

    private void ChangeThreads()
    {
        // Some are born in the place of others.
        for (int i = _random.Next(4); i > 0; i--)
        {
            _host.Process(FirstPid + _random.Next(MostThreads), 1000, Cgroup, state: "RSDZT"[_random.Next(5)].ToString());
        }

        _host.WriteProcs(Cgroup, string.Concat(Enumerable.Range(FirstPid, MostThreads).Where(pid => pid == FirstPid || _random.Next(3) > 0).Select(pid => $"{Text(pid)}\n")));
    }

    private void Maybe(string cgroup, string name, Func<string> text)
    {
        string written = _random.Next(12) switch
        {
            < 5 => text(),
            5 => _random.Next(4) switch { 0 => "", 1 => "nonsense", 2 => "-1", _ => "99999999999999999999" },
            _ => null!,
        };
        if (written is not null)
        {
            _files[cgroup + "/" + name] = written;
            _host.Cgroup(cgroup, (name, written));
        }
    }

    private string Lines(string[] keys, string cgroup, string blank)
        => string.Join('\n', keys.Where(_ => _random.Next(10) > 0).Select(key => key + blank + (key.Contains("pg", StringComparison.Ordinal) ? Text(Counter(cgroup + key, 1000)) : Number())));

    private string Cpus() => _random.Next(5) switch { 0 => "0-3", 1 => "1,3", 2 => "2", 3 => "9", _ => "" };

    private string Number() => _random.Next(8) switch
    {
        0 => "max",
        1 => "0",
        2 => Text(long.MaxValue),
        3 => "9223372036854771712",
        4 => Text(_random.Next(200_000)),
        _ => Text(_random.NextInt64(1L << 36)),
    };

    /// <summary>Grows; now and then it begins again, or is out of all reason.</summary>
    private long Counter(string name, int growth)
    {
        long now = _counters.GetValueOrDefault(name);
        now = _random.Next(20) switch { 0 => 0, 1 => _random.NextInt64(now + 1), 2 when _random.Next(10) == 0 => long.MaxValue - 1, _ => Math.Min(long.MaxValue - growth, now) + _random.Next(growth) };
        _counters[name] = now;
        return now;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
