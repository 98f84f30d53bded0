namespace ProcFs.Bench;

/// <summary>The servers that are compared, and containers that have the files of all of them.</summary>
internal sealed class Scene
{
    /// <summary>µs of CPU time per 100 ms: 1.5 CPUs, unless something else is asked for.</summary>
    public const int UsualQuota = 150_000;

    public const long Memory = 256L << 20;

    /// <summary>What both ProcFs and lxcfs serve.</summary>
    public static readonly string[] AllFiles = ["meminfo", "stat", "cpuinfo", "uptime", "diskstats"];

    /// <summary>Some seconds after its start ProcFs gives the memory of the start back, which takes it milliseconds, once.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(7);

    private readonly Site _site;
    private readonly string[] _files;
    private readonly int? _quota;
    private bool _hasTexts;

    /// <param name="site">Where it is set up.</param>
    /// <param name="sources">Names of <see cref="Source"/>s; lxcfs is left out where there is none.</param>
    /// <param name="files">Of /proc.</param>
    /// <param name="quota">Of the containers; null: none.</param>
    /// <exception cref="BenchFailure">A server does not start.</exception>
    public Scene(Site site, IReadOnlyList<string> sources, string[] files, int? quota = UsualQuota)
    {
        _quota = quota;
        _site = site;
        _files = files;
        List<Source> present = [];
        foreach (string name in sources)
        {
            Server? server = name switch
            {
                Source.ProcFs or Source.Common => new ProcFsServer(site, ProcFsServer.Program, name),
                Source.Lxcfs => LxcfsServer.Start(site),
                Source.Floor => new FloorServer(site, files),
                _ => null,
            };
            if (server is not null)
            {
                site.Own(server);
            }
            else if (name == Source.Lxcfs)
            {
                Console.Error.WriteLine("procfs-bench: this host has no lxcfs; install Debian's package, or name another binary by LXCFS=path");
                continue;
            }

            present.Add(new Source(name, name == Source.ProcFs ? "/proc" : $"/run/{name}", server));
        }

        Sources = present;
        if (present.Exists(source => source.Server is ProcFsServer))
        {
            Thread.Sleep(Settled);
        }
    }

    public IReadOnlyList<Source> Sources { get; }

    /// <summary>Those that are processes.</summary>
    public IEnumerable<Server> Servers => Sources.Select(s => s.Server).OfType<Server>();

    /// <summary>A container with the files of all sources.</summary>
    /// <param name="name">Unique in the site.</param>
    /// <param name="threads">How many its init has, all asleep.</param>
    /// <exception cref="BenchFailure">It cannot be started, or the files do not come.</exception>
    public Container Start(string name, int threads = 1) =>
        Start(name, threads == 1 ? new ContainerPlan() : new ContainerPlan { Command = [OwnProgram.PathInside, "threads", $"{threads}"] }, threads);

    /// <summary>The same with an init of its own.</summary>
    public Container Start(string name, ContainerPlan plan, int threads = 1)
    {
        Container container = _site.Own(new Container(_site, name, plan with
        {
            Memory = Memory,
            Quota = _quota,
            SecondProc = Sources.FirstOrDefault(s => s.Name == Source.Kernel)?.Directory,
            Binds = [OwnProgram.Bind, .. Sources.Where(s => s.Server is not null && s.Name != Source.ProcFs).SelectMany(Binds)],
        }));
        if (!Wait.Until(TimeSpan.FromSeconds(60), () => container.Threads >= threads))
        {
            throw new BenchFailure($"the container has {container.Threads} threads, not {threads}; is pids.max or its memory too small?");
        }

        if (_files.Contains("diskstats"))
        {
            UseADisk(container);
        }

        (Sources.FirstOrDefault(s => s.Name == Source.ProcFs)?.Server as ProcFsServer)?.Attach(container, _files);
        SetTexts(container);
        return container;
    }

    /// <summary>ProcFs shows the disks that a container has used. What is in the page cache uses none: past it.</summary>
    private static void UseADisk(Container container) =>
        _ = Child.Run(container.Exec("dd", "if=/usr/bin/dd", "of=/tmp/dd", "bs=64k", "iflag=direct")).Ok();

    /// <summary>The constant texts are those that ProcFs shows in the first container.</summary>
    private void SetTexts(Container container)
    {
        if (_hasTexts || Servers.OfType<FloorServer>().FirstOrDefault() is not { } floor)
        {
            return;
        }

        string directory = Sources.FirstOrDefault(s => s.Name is Source.ProcFs or Source.Common)?.Directory ?? "/proc";
        foreach (string file in _files)
        {
            floor.SetText(file, Child.RunBinary(TimeSpan.FromSeconds(30), container.Exec("cat", $"{directory}/{file}")));
        }

        _hasTexts = true;
    }

    private IEnumerable<(string Source, string Target)> Binds(Source source) =>
        _files.Select(file => ($"{source.Server!.Mount}/{(source.Name == Source.Floor ? "" : "proc/")}{file}", source.PathOf(file)));
}
