using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Handover;

namespace ProcFs.Serving;

/// <summary>
/// Who keeps the daemon's descriptors while there is no daemon: the service manager (systemd, or procfs supervise), the keeper, both,
/// or nobody.
/// </summary>
internal sealed partial class Custody : IDisposable
{
    private const string DeviceName = "procfs-device";
    private const string JournalName = "procfs-journal";

    private readonly string _mount;
    private readonly ServiceManager? _manager;
    private readonly KeeperClient? _keeper;
    private readonly ILogger<Custody> _logger;
    private (int Device, int Journal)? _given;

    public Custody(DaemonOptions options, ILogger<Custody> logger)
    {
        _mount = MountPoint.Canonical(options.Mount);
        _logger = logger;
        // A daemon that was started for one command ends with it, whatever service that command is part of.
        if (!options.ForParent)
        {
            _manager = ServiceManager.FromEnvironment();
            _keeper = new KeeperClient(options.RunDirectory);
        }
    }

    /// <summary>Whether the mount outlives this process.</summary>
    public bool IsKept => _manager is not null || _keeper is { IsConnected: true };

    /// <summary>How long the manager waits for a sign of life; null: it does not.</summary>
    public TimeSpan? Watchdog => _manager?.WatchdogInterval;
}
