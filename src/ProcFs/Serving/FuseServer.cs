using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Interop;
using ProcFs.Tree;

namespace ProcFs.Serving;

/// <summary>Mounts, serves, and unmounts when told to stop.</summary>
internal sealed partial class FuseServer : BackgroundService
{
    private const int LeastKeptDescriptors = 256;

    private readonly DaemonOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<FuseServer> _logger;
    private ViewService? _views;
    private SnapshotTable? _snapshots;
    private Connection? _connection;
    private volatile bool _isStopping;

    public FuseServer(DaemonOptions options, IHostApplicationLifetime lifetime, ILogger<FuseServer> logger)
    {
        _options = options;
        _lifetime = lifetime;
        _logger = logger;
    }

    /// <summary>Failed when the connection ended without our doing.</summary>
    public ExitCode Outcome { get; private set; }

    /// <summary>Mounts and begins to serve. By then the host listens to signals: one that comes in the next moment unmounts again.</summary>
    /// <exception cref="Failure">The mount point, the device or the host's trees are not usable.</exception>
    /// <exception cref="FuseException">The mount was refused.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        int detached = MountPreparation.Prepare(_options.Mount, _options.CreateMount);
        if (detached > 0)
        {
            LogTakenOver(_options.Mount, detached);
        }

        int workers = _options.Config.Workers;
        FuseDevice device = OpenDevice();
        _views = new ViewService(_options.Roots, _options.Config.View, KeptDescriptors(), _logger);
        string layout = _views.Layout.Describe();
        LogLayout(layout);
        RefuseForeignProc();
        _snapshots = SnapshotTable.CreatePrivate(_options.Config.OpenFiles);
        ProcFileSystem files = new(new ServedTree(_views.SizeOf), workers, _snapshots, _ => _views.CreateRenderer());
        Dispatcher dispatcher = new(files, new SessionParameters(), _logger);
        _connection = new Connection(device, new RequestSlots(workers), dispatcher, _logger);
        FuseMount.Mount(device, _options.Mount);
        _connection.Start(workers);
        LogServing(_options.Mount, workers);
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_connection is { Completion.IsCompleted: false })
        {
            // With nobody else using the mount, detaching it ends the connection at once.
            _isStopping = true;
            FuseMount.DetachAll(_options.Mount);
            LogStopped(_options.Mount);
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _connection?.Dispose();
        _snapshots?.Dispose();
        _views?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ConnectionEnd end = await _connection!.Completion.WaitAsync(stoppingToken);
        if (_isStopping)
        {
            return;
        }

        LogEnded(_options.Mount, end);
        Outcome = ExitCode.Failed;
        _lifetime.StopApplication();
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

    private static FuseDevice OpenDevice()
    {
        try
        {
            return FuseDevice.Open();
        }
        catch (FuseException exception)
        {
            throw new Failure(ExitCode.Impossible, exception.Message);
        }
    }

    /// <summary>Half of what the process may open, the rest is for processes looked at; at most what a thousand containers need.</summary>
    private int KeptDescriptors()
    {
        const int enough = 32 * 1024;
        ulong limit = Libc.RaiseDescriptorLimit();
        int configured = _options.Config.KeptDescriptors;
        return configured > 0 ? configured : (int)Math.Clamp(limit / 2, LeastKeptDescriptors, enough);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "serving {Mount} with {Workers} workers")]
    private partial void LogServing(string mount, int workers);

    [LoggerMessage(Level = LogLevel.Information, Message = "cgroups: {Layout}")]
    private partial void LogLayout(string layout);

    [LoggerMessage(Level = LogLevel.Warning, Message = "took {Count} dead mount(s) of an earlier daemon off {Mount}: containers that hold one need their files mounted again")]
    private partial void LogTakenOver(string mount, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopped: {Mount} is unmounted")]
    private partial void LogStopped(string mount);

    [LoggerMessage(Level = LogLevel.Error, Message = "the connection of {Mount} has ended without our doing ({End}): it was unmounted or aborted by somebody else")]
    private partial void LogEnded(string mount, ConnectionEnd end);
}
