using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProcFs.Containers;
using ProcFs.Fuse;
using ProcFs.Interop;
using ProcFs.Metrics;
using ProcFs.Privileges;
using ProcFs.Registration;
using ProcFs.Sampling;
using ProcFs.Tree;
using ProcFs.Triggers;

namespace ProcFs.Serving;

/// <summary>
/// Takes over what a predecessor served, or mounts anew; serves; and when told to stop leaves the mount to a successor, or unmounts when
/// nobody keeps it.
/// </summary>
internal sealed partial class FuseServer : BackgroundService
{
    private const int LeastDescriptors = 256;
    private const int LeastKeptDescriptors = 256;
    private const int UnmountAttempts = 20;

    private readonly DaemonOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<FuseServer> _logger;
    private readonly Custody _custody;
    private readonly IAttacher _attacher;
    private readonly ServedMounts _mounts;
    private readonly ContainerFiles _containers;
    private readonly SessionOpener _opener;
    private StatsFile? _stats;
    private ContainerStats? _containerStats;
    private DaemonStats? _daemonStats;
    private History? _history;
    private ViewService? _views;
    private ControlService? _control;
    private LiveSettings? _settings;
    private SnapshotTable? _snapshots;
    private TriggerFile? _triggerFile;
    private PressureTriggers? _triggers;
    private OpenedSession? _session;
    private Connection? _connection;
    private Heartbeat? _heartbeat;

    /// <summary>Given free at the end: to unmount, mountinfo has to be read, also by a process that can open nothing any more.</summary>
    private FileDescriptor? _spare;
    private volatile bool _isStopping;
    private bool _isAttacherMissed;
    private bool _isDisposed;

    public FuseServer(DaemonOptions options, Custody custody, IAttacher attacher, IHostApplicationLifetime lifetime, ILogger<FuseServer> logger)
    {
        _options = options;
        _custody = custody;
        _lifetime = lifetime;
        _logger = logger;
        _attacher = attacher;
        _mounts = new ServedMounts(options, attacher, logger);
        _containers = new ContainerFiles(options, attacher, logger);
        _opener = new SessionOpener(options, _mounts, custody, logger);
    }

    /// <summary>Failed when the connection ended without our doing.</summary>
    public ExitCode Outcome { get; private set; }

    /// <summary>Begins to serve. By then the host listens to signals: one that comes in the next moment ends it properly.</summary>
    /// <exception cref="Failure">The mount point, the device or the host's trees are not usable.</exception>
    /// <exception cref="FuseException">The mount was refused.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _spare = FileDescriptor.Open("/dev/null", Libc.O_PATH, out _);
        OpenViews();
        OpenedSession session = _opener.Open();
        string layout = _views!.Layout.Describe();
        LogLayout(layout);
        if (_attacher.WhyNotSeparate is { } why)
        {
            LogNotSeparate(why);
        }

        Connect(session);
        _custody.Ready(_session!.Device, _session.Journal);
        _heartbeat = new Heartbeat(_connection!, _session, _mounts, _custody, _settings!, _daemonStats!, LookAtAttacher, _logger);
        if (!_custody.IsKept && !_options.ForParent)
        {
            LogNotKept(_options.Mount);
        }

        if (_options.Config.Metrics is { } address)
        {
            ServedMetrics metrics = new(_options, _stats!, _views.Registered);
            MetricsEndpoint.Start(address, metrics.Write, _logger);
        }

        _containers.Attach();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Ends, so that whoever keeps the mount starts another daemon in our place: a newer version, if one was installed. Without a keeper nothing happens.</summary>
    public void HandOver()
    {
        if (_custody.IsKept && _connection is not null)
        {
            LogHandingOver(_options.Mount);
            _lifetime.StopApplication();
        }
        else
        {
            LogNotHandingOver(_options.Mount);
        }
    }

    /// <summary>Switches all files off for all containers, or on again when any is off.</summary>
    public void ToggleFiles()
    {
        try
        {
            _settings?.Toggle();
        }
        catch (Failure failure)
        {
            LogNotToggled(failure.Message);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_connection is { Completion.IsCompleted: false })
        {
            _isStopping = true;
            _containers.StopAttaching();
            if (_custody.IsKeptAtTheEnd())
            {
                // Whatever is in a worker's hands at the end of this process is in the journal as well.
                LogLeaving(_options.Mount);
            }
            else
            {
                _containers.Detach();
                Unmount();
            }
        }

        await base.StopAsync(cancellationToken);
    }

    /// <summary>The host does it twice: it has us as a service of its own and as one that it runs.</summary>
    public override void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _heartbeat?.Dispose();
        _spare?.Dispose();
        // Workers that are left serve until the process is gone, or until the last container has let go, and need what they use.
        if (_connection is null or { Completion.IsCompleted: true })
        {
            _connection?.Dispose();
            _views?.Dispose();
            _history?.Dispose();
            _snapshots?.Dispose();
            _session?.Journal.Dispose();
        }

        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ConnectionEnd end = await _connection!.Completion.WaitAsync(stoppingToken);
        if (_isStopping)
        {
            return;
        }

        _stats!.Count(StatsEvent.ConnectionEnded);
        if (_session!.Device.HasEnded)
        {
            _custody.Drop(); // else the workers failed, and a successor carries on
        }

        LogEnded(_options.Mount, end);
        Outcome = ExitCode.Failed;
        _lifetime.StopApplication();
    }

    /// <summary>Without it nothing can be mounted, and no container be entered, any more: a daemon that is started has one.</summary>
    private void LookAtAttacher()
    {
        if (_isAttacherMissed || _isStopping || _attacher.IsThere)
        {
            return;
        }

        _isAttacherMissed = true;
        if (_custody.IsRestarted)
        {
            LogAttacherGone(_options.Mount);
            Outcome = ExitCode.Failed;
            _lifetime.StopApplication();
        }
        else
        {
            LogAttacherMissing(_options.Mount);
        }
    }

    /// <summary>With nobody else using the mount, detaching it ends the connection at once.</summary>
    private void Unmount()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _spare?.Dispose();
                _mounts.DetachBoth();
                LogStopped(_options.Mount);
                return;
            }
            catch (FuseException) when (attempt < UnmountAttempts)
            {
                Thread.Sleep(10); // a worker was quicker to use what we gave free
            }
            catch (FuseException exception)
            {
                LogLeftMounted(_options.Mount, exception.Message);
                Outcome = ExitCode.Failed;
                return;
            }
        }
    }

    private void OpenViews()
    {
        _history = History.Open(ServerLock.StateFile(_options.RunDirectory, _options.Mount), _options.Roots, _options.Roots.Clock, LogHistory);
        OpenStats();
        _views = new ViewService(_options.Roots, _options.Config.View, KeptDescriptors(), _logger, history: _history, reuse: Reuse.ByDaemon, stats: _stats);
        _settings = new LiveSettings(_options, _views.Settings, _logger);
        RefuseForeignProc();
    }

    private void OpenStats()
    {
        string path = StatsFile.PathOf(_options.RunDirectory, _options.Mount);
        _stats = StatsFile.Open(path, HistoryScope.Read(_options.Roots)?.Boot ?? Guid.Empty, out string? defect);
        _containerStats = new ContainerStats(_stats);
        if (defect is not null)
        {
            LogStatsNotKept(path, defect);
        }
    }

    /// <summary>From descriptors to workers. In this order: what is owed, what the kernel sends again, the mount, new requests.</summary>
    private void Connect(OpenedSession opened)
    {
        int workers = _options.Config.Workers;
        _session = Mounted(opened);
        Journal journal = _session.Journal;
        journal.BeginEpoch();
        StatsFile stats = _stats!;
        stats.Count(StatsEvent.Started);
        WorkerStats[] counting = [.. Enumerable.Range(0, workers).Select(worker => new WorkerStats(stats, worker))];
        OpenControl();
        SessionParameters session = journal.CreateSession();
        FuseDevice device = _session.Device;
        PageCache pages = new(() => session.DropsPagesByVersion, node => device.ExpireAttributes(node));
        ProcFileSystem files = new(new ServedTree(_views!.SizeOf, _views!.Registered, _views!.Served, _views!.HasBesideCpus), workers, OpenSnapshots(journal), worker => _views.CreateRenderer(counting[worker]), pages, OpenTriggers(), counting);
        _daemonStats = new DaemonStats(stats, _containerStats!, journal, () => files.OpenFiles);
        Dispatcher dispatcher = new(files, session, _logger);
        _connection = new Connection(_session.Device, new RequestSlots(journal), dispatcher, _logger, _views.LongWork, new RequestStats(counting));
        _triggers!.Adopt();
        if (_session.Origin == SessionOrigin.Resumed)
        {
            int answered = _connection.Recover();
            string resent = SendAgain(dispatcher.Session);
            LogResumed(_options.Mount, answered, resent);
            stats.Count(StatsEvent.TakenOver);
            _mounts.MountAgain(_session);
        }

        try
        {
            _connection.Start(workers);
        }
        catch when (!_custody.IsKept)
        {
            _mounts.DetachBlindly(); // nobody will ever serve it
            throw;
        }

        try
        {
            _mounts.Bind(_session);
        }
        catch (Exception exception) when (exception is Failure or FuseException)
        {
            // Nobody has a file of it yet, and what prevents the bind will prevent the next one.
            _mounts.DetachBlindly();
            _custody.Drop();
            throw;
        }

        stats.Begin(OwnVersion.Text, workers, journal.Connection);
        _daemonStats.Look(TimeSpan.Zero);
        _control?.Start();
        LogServing(_options.Mount, workers);
    }

    /// <summary>The containers' numbers, before anything is answered.</summary>
    private void OpenControl()
    {
        if (!_options.ForParent)
        {
            _control = ControlService.Open(
                _options, _views!, mayBeInUse: _session!.Origin != SessionOrigin.Fresh, () => new ServedPlace(_mounts.Private, _session.Journal.Connection), _containers.Attach, _settings!.Look, _containerStats!, _logger);
        }
    }

    private string SendAgain(SessionParameters session)
    {
        if (!session.IsNegotiated)
        {
            return "it had not come to INIT";
        }

        return session.HasResend && _connection!.Resend()
            ? "the kernel was asked to send again what escaped"
            : "this kernel cannot send again what escaped (Linux 6.9 can)";
    }

    /// <summary>The session, with its mount made where that is not done yet.</summary>
    private OpenedSession Mounted(OpenedSession session)
    {
        switch (session.Origin)
        {
            case SessionOrigin.Resumed:
                return session; // what is owed comes first
            case SessionOrigin.WithoutJournal:
                _mounts.MountAgain(session);
                return session;
            case SessionOrigin.NotMounted:
                try
                {
                    _mounts.Prepare();
                    _mounts.Mount(session);
                    return session;
                }
                catch (FuseException exception) when (exception.Errno is FuseErrno.ENOTCONN or FuseErrno.EINVAL or FuseErrno.EBUSY)
                {
                    // It was mounted, its server ended before it could say so, and then the connection ended, too.
                    session = _opener.Renew(session);
                    break;
                }
        }

        _mounts.Mount(session);
        return session;
    }

    /// <summary>The open files and their texts, in the journal's memory. What another version left there is not looked at.</summary>
    private unsafe SnapshotTable OpenSnapshots(Journal journal)
    {
        string? defect = journal.ApplicationVersion == SnapshotTable.Version
            ? null
            : $"version {journal.ApplicationVersion}, this program knows {SnapshotTable.Version}";
        _snapshots = defect is null
            ? SnapshotTable.Open(journal.Application, journal.ApplicationLength, _options.Config.OpenFiles, out defect)
            : null;
        if (defect is not null)
        {
            LogSnapshotsLost(defect);
        }

        return _snapshots ??= SnapshotTable.CreatePrivate(_options.Config.OpenFiles);
    }

    /// <summary>The triggers of pressure files, those of the predecessor among them. A file of another session means nothing.</summary>
    private PressureTriggers OpenTriggers()
    {
        Journal journal = _session!.Journal;
        FuseDevice device = _session.Device;
        _ = Libc.Statx(journal.Number, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_INO, out Libc.StatxBuffer status);
        string path = Path.Combine(_options.RunDirectory, MountName.Of(_options.Mount) + ".triggers");
        _triggerFile = TriggerFile.Open(path, HistoryScope.Read(_options.Roots)?.Boot ?? Guid.Empty, status.Inode, out string? defect);
        if (defect is not null)
        {
            LogTriggersNotKept(path, defect);
        }

        _triggers = new PressureTriggers(_views!.Pressure, _triggerFile, _views.HasSysResource, handle => device.WakePoll(handle), _logger);
        return _triggers;
    }

    /// <summary>Callers are named by their numbers in our pid namespace; in another one these are other processes.</summary>
    private void RefuseForeignProc()
    {
        if (_views!.Proc.OwnPid() != Environment.ProcessId)
        {
            throw new Failure(ExitCode.Impossible,
                $"{_options.Roots.Proc} is no procfs of this pid namespace, so readers could not be told apart: run in the containers' host's pid namespace, or give its procfs with --proc-root");
        }
    }

    /// <summary>Half of what the process may open, the rest is for processes looked at; at most what a thousand containers need.</summary>
    private int KeptDescriptors()
    {
        const int enough = 32 * 1024;
        ulong limit = Libc.RaiseDescriptorLimit();
        if (limit < LeastDescriptors)
        {
            // With less the host's own files would be missing, and texts empty.
            throw new Failure(ExitCode.Failed, $"this process may open {limit} files, and needs {LeastDescriptors} at the least: raise the hard limit (ulimit -Hn, LimitNOFILE=)");
        }

        int configured = _options.Config.KeptDescriptors;
        return configured > 0 ? configured : (int)Math.Clamp(limit / 2, LeastKeptDescriptors, enough);
    }

    [LoggerMessage(1101, LogLevel.Information, "serving {Mount} with {Workers} workers")]
    private partial void LogServing(string mount, int workers);

    [LoggerMessage(1102, LogLevel.Information, "cgroups: {Layout}")]
    private partial void LogLayout(string layout);

    [LoggerMessage(1103, LogLevel.Information, "resumed {Mount}: {Answered} request(s) answered for the predecessor; {Resent}")]
    private partial void LogResumed(string mount, int answered, string resent);

    [LoggerMessage(1104, LogLevel.Warning, "{What}")]
    private partial void LogHistory(string what);

    [LoggerMessage(1114, LogLevel.Warning, "what is counted will be lost with this daemon: cannot make {Path}: {Defect}")]
    private partial void LogStatsNotKept(string path, string defect);

    [LoggerMessage(1105, LogLevel.Warning, "the texts of open files cannot be continued ({Defect}): readers in the middle of a file get the rest of a newer text")]
    private partial void LogSnapshotsLost(string defect);

    [LoggerMessage(1106, LogLevel.Warning, "pressure triggers will be lost with this daemon: cannot make {Path}: {Defect}")]
    private partial void LogTriggersNotKept(string path, string defect);

    [LoggerMessage(1107, LogLevel.Warning, "nobody keeps the descriptors of {Mount}: when this daemon ends, containers that hold its files are left with dead ones. Start it by its systemd unit or by procfs supervise, or start procfs keep beside it")]
    private partial void LogNotKept(string mount);

    [LoggerMessage(1108, LogLevel.Information, "handing {Mount} over, as SIGUSR1 asks for")]
    private partial void LogHandingOver(string mount);

    [LoggerMessage(1109, LogLevel.Warning, "SIGUSR1 asks to hand {Mount} over, but nobody keeps it: it is served on. Start the daemon by its systemd unit, procfs supervise or beside procfs keep")]
    private partial void LogNotHandingOver(string mount);

    [LoggerMessage(1115, LogLevel.Warning, "this daemon has more capabilities than it needs: {Why}")]
    private partial void LogNotSeparate(string why);

    [LoggerMessage(1116, LogLevel.Warning, "the attacher of {Mount} has ended without our doing: this daemon hands over to one that has another")]
    private partial void LogAttacherGone(string mount);

    [LoggerMessage(1117, LogLevel.Error, "the attacher of {Mount} has ended without our doing, and nobody would start another daemon: containers are served, but none gets files or loses them any more. Say procfs detach --all, then restart this daemon")]
    private partial void LogAttacherMissing(string mount);

    [LoggerMessage(1118, LogLevel.Error, "{Mount} is left mounted, and its files in containers are dead: {Reason}. Start a daemon again, which replaces them; or say procfs serve --unmount, which takes them out")]
    private partial void LogLeftMounted(string mount, string reason);

    [LoggerMessage(1110, LogLevel.Error, "SIGUSR2 asks to switch the files off or on: {Reason}")]
    private partial void LogNotToggled(string reason);

    [LoggerMessage(1111, LogLevel.Information, "leaving {Mount} mounted: its descriptors are kept, and the next daemon carries on")]
    private partial void LogLeaving(string mount);

    [LoggerMessage(1112, LogLevel.Information, "stopped: {Mount} is unmounted")]
    private partial void LogStopped(string mount);

    [LoggerMessage(1113, LogLevel.Error, "the connection of {Mount} has ended without our doing ({End}): it was unmounted or aborted by somebody else")]
    private partial void LogEnded(string mount, ConnectionEnd end);
}
