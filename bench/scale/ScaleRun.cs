using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace ProcFs.Bench;

/// <summary>The whole run: starts, growing load, a million requests, a start with all containers, idleness.</summary>
internal sealed class ScaleRun : IDisposable
{
    private const long Second = 1_000_000_000;
    private const string Name = "procfs";

    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(10); // as systemd/procfs.service has it
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(25); // the runtime's pool lets idle threads go after 20 s

    private static readonly string Logs = Directory.CreateDirectory(Path.Combine(Repository.Path, "artifacts/logs")).FullName;

    private readonly Plan _plan;
    private readonly Site _site;
    private readonly Fleet _fleet;
    private readonly Figures _figures = new();
    private readonly List<IdleWatch> _idle = [];
    private readonly List<Server> _servers = [];
    private ProcFsServer? _server;

    private ScaleRun(Plan plan)
    {
        _plan = plan;
        _site = Site.Open();
        _fleet = _site.Own(new Fleet(_site, plan));
    }

    /// <exception cref="BenchFailure">Something cannot be measured here.</exception>
    public static int Run(Plan plan)
    {
        if (RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new BenchFailure("its readers run in containers by the hundred, so it is to be compiled natively: ./build.sh scale");
        }

        if (!File.Exists(ProcFsServer.Program))
        {
            throw new BenchFailure($"{ProcFsServer.Program} is not there: ./build.sh publish makes it, or name another one with PROCFS_BINARY");
        }

        Machine machine = Machine.Look(("procfs", ProcFsServer.Program), ("runc", "runc"));
        long[] before = Unrest.Now();
        using ScaleRun run = new(plan);
        string? calls = run.All();
        string saved = run._figures.Save(machine, Unrest.Since(before), plan.Word, calls);
        Console.WriteLine($"\nsaved: {Path.GetRelativePath(Repository.Path, saved)}.md and .json");
        return 0;
    }

    public void Dispose()
    {
        // What they said is of use when a figure is strange.
        foreach (Server server in _servers)
        {
            File.WriteAllText(Path.Combine(Logs, $"scale-{_servers.IndexOf(server)}-{server.Name}.log"), server.Log);
        }

        _site.Dispose();
    }

    private string? All()
    {
        Starts();
        Load();
        Requests();
        StartWithAll();
        return Idle();
    }

    private void Starts()
    {
        _figures.Begin("Start without containers");
        List<double> first = [], ready = [];
        for (int run = 0; run < _plan.Starts; run++)
        {
            string name = $"start{run}";
            using Manager manager = new(_site);
            first.Add(FirstAnswer.After(TimedServer.FileOf(_site, name), () => new TimedServer(_site, name), out TimedServer server, out long startedNs));
            using (server)
            {
                ready.Add((manager.AwaitReady() - startedNs) / 1e6);
            }
        }

        _figures.Add($"exec → first answer, median of {_plan.Starts}", Samples.MedianOf(first), "ms");
        _figures.Add("exec → first answer, the slowest", first.Max(), "ms");
        _figures.Add("exec → READY, median", Samples.MedianOf(ready), "ms", 30);
        _figures.Add("exec → READY, the slowest", ready.Max(), "ms");
    }

    private void Load()
    {
        _server = Noted(new ProcFsServer(_site, ProcFsServer.Program, Name));
        foreach (int size in _plan.Sizes)
        {
            Stopwatch growing = Stopwatch.StartNew();
            IReadOnlyList<Container> grown = _fleet.GrowTo(size);
            double started = growing.Elapsed.TotalSeconds;
            int hooked = size == _plan.Containers ? _plan.Hooked : 0;
            Container[] attached = [.. grown.SkipLast(hooked)];
            growing.Restart();
            int again = Attach(attached);
            double attach = growing.Elapsed.TotalMilliseconds;
            if (hooked > 0)
            {
                Hooks([.. grown.TakeLast(hooked)]);
            }

            int readers = _fleet.Readers;
            _figures.Begin($"{size} containers registered, {readers} read each second");
            _figures.Add($"{grown.Count} containers more by runc", started, "s");
            _figures.Add($"one procfs attach of {attached.Length}, per container", attach / attached.Length, "ms", attached.Length > 10 && again == 0 ? 3 : null);
            _figures.Add("runs of it that had to be repeated, as a container failed", again, atMost: 0);
            int seconds = size == _plan.Containers ? _plan.LoadSeconds : Math.Max(5, _plan.LoadSeconds / 3);
            ServerUse before = ServerProbe.Use(_server.Pid);
            ReadTimes reads = _fleet.Read(readers, Second, seconds);
            ServerUse used = ServerProbe.Use(_server.Pid) - before;
            _figures.Add("whole files read", reads.Times.Count);
            _figures.Add("reads that failed", reads.Failed, atMost: 0);
            _figures.Add("a read, median", reads.Times.Median / 1000, "µs");
            _figures.Add("a read, p99", reads.Times.P99 / 1000, "µs");
            _figures.Add("the daemon's CPU", used.CpuNs / (double)(seconds * Second) * 100, "%");
            _figures.Add("the daemon's CPU per read", used.CpuNs / 1000.0 / Math.Max(1, reads.Times.Count), "µs");
            Memory(_server.Pid, size >= 1000 ? 16 * 1024 : null);
        }
    }

    /// <summary>How often it had to be done again: all of them must have their files before anything is measured.</summary>
    private int Attach(Container[] containers)
    {
        const int most = 3;
        for (int times = 0; ; times++)
        {
            Output output = _server!.Verb(TimeSpan.FromSeconds(120), ["attach", .. containers.Select(c => c.Pid.ToString(CultureInfo.InvariantCulture))]);
            if (output.ExitCode == 0)
            {
                return times;
            }

            File.WriteAllText(Path.Combine(Logs, $"scale-attach-{containers.Length}-{times}.log"), output.Error);
            if (times == most)
            {
                throw new BenchFailure($"procfs attach has failed {times + 1} times: {Logs} has its words");
            }
        }
    }

    private void Hooks(Container[] containers)
    {
        string directory = _server!.RunDirectory;
        Samples attaching = HookRuns.Of(directory, containers.Select(Fleet.StateOf));
        if (containers.FirstOrDefault(container => HookRuns.FilesIn(container) == 0) is { } without)
        {
            throw new BenchFailure($"the hook has brought no files into {without.Id}; the server's log:\n{_server.Log}");
        }

        Samples again = HookRuns.Of(directory, Enumerable.Repeat(Fleet.StateOf(containers[0]), containers.Length));
        Samples nothing = HookRuns.OfNothing(containers.Length);
        _figures.Begin($"The hook, {containers.Length} calls each, with {_plan.Containers - containers.Length} containers registered");
        _figures.Add("a new container: registered, and its files mounted; median", attaching.Median / 1e6, "ms");
        _figures.Add("the same, p99", attaching.P99 / 1e6, "ms");
        _figures.Add("one that has its files; median", again.Median / 1e6, "ms", 5);
        _figures.Add("the same, p99", again.P99 / 1e6, "ms");
        _figures.Add("/bin/true called in the same way; median", nothing.Median / 1e6, "ms");
        _figures.Add("the same, p99", nothing.P99 / 1e6, "ms");
    }

    private void Requests()
    {
        const int readers = 4, requestsPerRead = 4, parts = 10;
        int rounds = _plan.Requests / (readers * Plan.Files.Count * requestsPerRead);
        _figures.Begin($"{_plan.Requests:N0} requests as fast as {readers} readers can");
        ServerMemory atFirst = ServerProbe.Memory(_server!.Pid);
        Read(rounds / parts);
        ServerMemory warm = ServerProbe.Memory(_server.Pid);
        Stopwatch time = Stopwatch.StartNew();
        ReadTimes reads = Read(rounds - (rounds / parts));
        ServerMemory atLast = ServerProbe.Memory(_server.Pid);
        _figures.Add("reads that failed", reads.Failed, atMost: 0);
        _figures.Add("a read, median", reads.Times.Median / 1000, "µs");
        _figures.Add("a read, p99", reads.Times.P99 / 1000, "µs");
        _figures.Add("requests per second, in all", reads.Times.Count * (double)requestsPerRead / time.Elapsed.TotalSeconds);
        _figures.Add("RSS before", atFirst.RssKib, "KiB");
        _figures.Add("RSS after the first tenth", warm.RssKib, "KiB");
        _figures.Add("RSS after all of them", atLast.RssKib, "KiB");
        // A page table's worth: pages that the kernel took back come and go.
        _figures.Add("growth of RSS from the first tenth to the end", atLast.RssKib - warm.RssKib, "KiB", 512);
        _figures.Add("growth of anonymous memory in that time", atLast.AnonymousKib - warm.AnonymousKib, "KiB", 512);
        _figures.Add("descriptors more than before", atLast.Descriptors - atFirst.Descriptors, atMost: 8);

        ReadTimes Read(int count) => _fleet.Read(Math.Min(readers, _fleet.Readers), 0, Math.Max(1, count));
    }

    private void StartWithAll()
    {
        _figures.Begin($"Start with {_plan.Containers} containers in the registry, after a kill -9 that nobody kept anything of");
        Processes.End(_server!.Pid);
        using Manager manager = new(_site);
        _figures.Add("exec → first answer", FirstAnswer.After(TimedServer.FileOf(_site, Name), () => Noted(new TimedServer(_site, Name)), out TimedServer server, out long startedNs), "ms");
        _figures.Add("exec → READY", (manager.AwaitReady() - startedNs) / 1e6, "ms", 30);
        (int changed, int failed, double milliseconds) = server.AwaitAttached(TimeSpan.FromSeconds(60));
        _figures.Add("the attach run of the start", milliseconds, "ms", 5 * _plan.Containers);
        _figures.Add("per container", milliseconds / Math.Max(1, changed), "ms", 3);
        _figures.Add("containers that were not attached again", _plan.Containers - changed + failed, atMost: 0);
        _figures.Add("reads that failed afterwards", _fleet.Read(_fleet.Readers, 0, 1).Failed, atMost: 0);
        Memory(server.Pid, null);
        _idle.Add(new IdleWatch($"{_plan.Containers} containers, no watchdog", server.Pid));
    }

    private string? Idle()
    {
        TimedServer alone = Noted(new TimedServer(_site, "alone"));
        _idle.Add(new IdleWatch("no containers, no watchdog", alone.Pid));
        using Manager manager = new(_site, Watchdog);
        TimedServer watched = Noted(new TimedServer(_site, "watched"));
        _idle.Add(new IdleWatch($"no containers, a watchdog of {Watchdog.TotalSeconds:0} s", watched.Pid));
        _ = manager.AwaitReady();
        Thread.Sleep(Settling);
        IdleWatch.Watch(TimeSpan.FromSeconds(_plan.IdleSeconds), _idle);

        double intervals = _plan.IdleSeconds / (Watchdog.TotalSeconds / 2);
        _figures.Begin($"Idle for {_plan.IdleSeconds} s: voluntary context switches of all threads");
        foreach (IdleWatch watch in _idle)
        {
            _figures.Add($"{watch.Name}: in all", watch.WakeUps);
            _figures.Add($"{watch.Name}: per {Watchdog.TotalSeconds / 2:0} s", watch.WakeUps / intervals, "", 1);
            _figures.Add($"{watch.Name}: threads that woke up", watch.WakingThreads);
            _figures.Add($"{watch.Name}: threads that began", watch.NewThreads, "", 0);
        }

        return SystemCalls.Of(alone.Pid, TimeSpan.FromSeconds(20));
    }

    /// <summary>A server that stays to the end.</summary>
    private T Noted<T>(T server)
        where T : Server
    {
        _servers.Add(server);
        return _site.Own(server);
    }

    private void Memory(int pid, double? mostRss)
    {
        ServerMemory memory = ServerProbe.Memory(pid);
        _figures.Add("RSS", memory.RssKib, "KiB", mostRss);
        _figures.Add("PSS", memory.PssKib, "KiB");
        _figures.Add("anonymous memory: managed heap, stacks, libc's heap", memory.AnonymousKib, "KiB");
        _figures.Add("descriptors", memory.Descriptors);
    }
}
