using Microsoft.Extensions.Logging;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Host;
using ProcFs.Metrics;
using ProcFs.Registration;
using ProcFs.Sampling;
using ProcFs.Triggers;

namespace ProcFs.Serving;

/// <summary>What all workers share to show containers their view; makes a <see cref="ViewRenderer"/> for each of them.</summary>
internal sealed partial class ViewService : IDisposable
{
    private readonly HostRoots _roots;
    private readonly TimeProvider _clock;
    private readonly CallerContext _callers;
    private readonly SharedCpuinfo _cpuinfo;
    private readonly Reuse _reuse;
    private readonly MadeTexts _made;
    private readonly LoadThread _load;
    private readonly List<HostView> _hosts = [];
    private HostView? _ownHost;
    private IReadOnlyList<(ushort Number, IProcFile File)>? _served;
    private readonly ILogger _logger;
    private readonly StatsFile? _stats;
    private readonly ulong _hostUserNamespace;
    private int _unknownCallers;
    private int _outOfDescriptors;

    /// <param name="roots">The trees of the containers' host.</param>
    /// <param name="options">How containers are shown.</param>
    /// <param name="keptDescriptors">How many descriptors of cgroup files stay open.</param>
    /// <param name="logger">Gets what an operator should know.</param>
    /// <param name="clock">Time since boot in ns; null: that of the trees.</param>
    /// <param name="history">What containers were shown by an earlier daemon; null: nothing, and nothing is kept. Not disposed here.</param>
    /// <param name="reuse">For how long what was found out serves others; the default: it never does.</param>
    /// <param name="stats">Where it is counted what containers lack; null: nowhere. Not disposed here.</param>
    /// <exception cref="Failure">The trees are not there, or have no controllers.</exception>
    public ViewService(
        HostRoots roots, ViewOptions options, int keptDescriptors, ILogger logger, TimeProvider? clock = null, History? history = null, Reuse reuse = default, StatsFile? stats = null)
    {
        _stats = stats;
        _roots = roots;
        Settings = new ViewSettings(options, Registered);
        _logger = logger;
        _reuse = reuse;
        _made = new MadeTexts(new RenderedTexts(reuse.TextsNs), new StillTexts());
        _clock = clock ?? roots.Clock;
        DescriptorPool pool = new(keptDescriptors);
        Proc = new ProcRoot(roots.Proc, () => MakeRoom(pool));
        _load = new LoadThread(Proc, options.MostThreads, _clock, exception => LogLoadFault(_logger, exception));
        _cpuinfo = new SharedCpuinfo(new HostFile(Path.Combine(roots.Proc, "cpuinfo"), _clock));
        Layout = Discover(roots);
        CgroupTree tree = new(Layout, pool, NoteUnreadable);
        Pressure = new PressureSources(roots, tree);
        _hostUserNamespace = NamespaceOf(0, "ns/user\0"u8);
        _callers = new CallerContext(Proc, Layout, new ContainerTable(tree, _clock, history), new CallerCache(_clock), options.MostThreads)
        {
            HostPidNamespace = NamespaceOf(0, "ns/pid\0"u8),
            // Without the right to look at process 1 (CAP_SYS_PTRACE), ours must do.
            HostMountNamespace = NamespaceOf(1, "ns/mnt\0"u8) is > 0 and ulong ofInit ? ofInit : NamespaceOf(0, "ns/mnt\0"u8),
            HostTimeNamespace = NamespaceOf(0, "ns/time\0"u8),
            Unknown = new CallerView(new Container(tree.Open(CgroupPaths.None(Layout)), null, null, history?.Claim(HistoryKey.Unknown, null)), false),
        };
    }

    public ProcRoot Proc { get; }

    /// <summary>Where triggers are written to.</summary>
    public PressureSources Pressure { get; }

    /// <summary>How callers and containers are told apart.</summary>
    public CallerContext Callers => _callers;

    public CgroupLayout Layout { get; }

    /// <summary>Where it is announced that files of the kernel are going to be read.</summary>
    public LongWork LongWork { get; } = new();

    /// <summary>What this host serves, with the numbers: all of <see cref="ProcFiles"/> but what it lacks itself.</summary>
    public IReadOnlyList<(ushort Number, IProcFile File)> Served
        => _served ??= [.. ProcFiles.All.Where(entry => !entry.File.OnlyIfHostHas || OwnHost.Has(entry.File.Path))];

    /// <summary>The containers that have a directory of their own. Empty until somebody fills it.</summary>
    public RegisteredContainers Registered { get; } = new();

    /// <summary>How containers are shown; what is set here counts from the next read on.</summary>
    public ViewSettings Settings { get; }

    /// <summary>For one worker, to be used by it alone.</summary>
    /// <param name="stats">Where it counts; null: nowhere.</param>
    public ViewRenderer CreateRenderer(WorkerStats? stats = null)
    {
        HostView host = OpenHost();
        return new ViewRenderer(
            new CallerResolver(_callers, _reuse.CallersNs, _clock), _callers, Registered, new SnapshotReader(Proc, host, Settings, _load), _made, LongWork, NoteUnknownCaller, stats);
    }

    /// <summary>
    /// What stat(2) says of a served file's size: whole pages that the host's own text fits in, and so a container's, which is not
    /// longer. Not 0 as in procfs: since Linux 6.5 sendfile(2) takes that for the end of the file and copies nothing, silently.
    /// </summary>
    public long SizeOf(string servedPath)
    {
        const long page = 4096;
        return Math.Max(1, (OwnHost.Now(servedPath).Length + page - 1) / page) * page;
    }

    /// <summary>Whether the host has a file or directory below devices/system/cpu of its sysfs that belongs to no single CPU.</summary>
    public bool HasBesideCpus(string path) => OwnHost.Cpus.Has(HostCpus.NoCpu, System.Text.Encoding.ASCII.GetBytes(path));

    /// <summary>Whether a caller has CAP_SYS_RESOURCE on the host.</summary>
    public bool HasSysResource(uint threadId) => CallerRights.HasSysResource(Proc, threadId, _hostUserNamespace);

    /// <summary>Whether a cgroup with this path is there in any hierarchy.</summary>
    public bool HasCgroup(string path) => Layout.Hierarchies.Any(hierarchy => Directory.Exists(hierarchy.MountPoint + path));

    public void Dispose()
    {
        _load.Dispose();
        _hosts.ForEach(host => host.Dispose());
        _cpuinfo.Dispose();
        Pressure.Dispose();
        Proc.Dispose();
    }

    /// <summary>No worker's: for questions before there are any.</summary>
    private HostView OwnHost => _ownHost ??= OpenHost();

    private HostView OpenHost()
    {
        HostView host = new(_roots, _clock, _cpuinfo, ProcFiles.All.Select(entry => entry.File.Path));
        _hosts.Add(host);
        return host;
    }

    private static CgroupLayout Discover(HostRoots roots)
    {
        CgroupLayout layout = CgroupLayout.Discover(roots.Proc, roots.Cgroup);
        return layout.HasControllers
            ? layout
            : throw new Failure(ExitCode.Impossible, $"no cgroup controllers below {roots.Cgroup}: mount cgroup v1 or v2 there, or say where they are with --cgroup-root");
    }

    /// <summary>Of a process of the host; 0 means ourselves.</summary>
    private ulong NamespaceOf(int pid, ReadOnlySpan<byte> name)
    {
        using ProcessDirectory process = pid == 0 ? ProcessDirectory.OpenSelf(Proc) : ProcessDirectory.Open(Proc, pid);
        return process.Namespace(name);
    }

    private void MakeRoom(DescriptorPool pool)
    {
        pool.MakeRoom();
        _stats?.Count(StatsEvent.OutOfDescriptors);
        if (Interlocked.Exchange(ref _outOfDescriptors, 1) == 0)
        {
            LogOutOfDescriptors(_logger);
        }
    }

    private void NoteUnreadable(string what)
    {
        _stats?.Count(StatsEvent.CgroupUnreadable);
        LogUnreadable(_logger, what);
    }

    private void NoteUnknownCaller(uint threadId)
    {
        if (threadId == 0 && Interlocked.Exchange(ref _unknownCallers, 1) == 0)
        {
            LogUnknownCaller(_logger);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "a reader is not visible from this pid namespace and gets a view without limits: run the daemon in the host's pid namespace")]
    private static partial void LogUnknownCaller(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "too many files are open, and some readers may be shown no limits: raise the limit of open files (ulimit -n, LimitNOFILE=), or lower keptDescriptors")]
    private static partial void LogOutOfDescriptors(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "load averages are not sampled any more, but when they are read; this is a fault of procfs: please report it")]
    private static partial void LogLoadFault(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}")]
    private static partial void LogUnreadable(ILogger logger, string what);
}
