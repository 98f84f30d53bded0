using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary>
/// Who keeps the daemon's descriptors while there is no daemon: the service manager (systemd, or procfs supervise), the keeper, both,
/// or nobody.
/// </summary>
internal sealed partial class Custody : IDisposable
{
    private readonly string _mount;
    private readonly string _runDirectory;
    private readonly bool _isAlone;
    private readonly ServiceManager _manager;
    private readonly KeeperClient _keeper;
    private readonly ILogger<Custody> _logger;
    private readonly Lock _lock = new();
    private (int Device, int Journal)? _given;
    private bool _isKeeperTroubleTold;

    public Custody(DaemonOptions options, ILogger<Custody> logger)
    {
        _mount = MountPoint.Canonical(options.Mount);
        _runDirectory = options.RunDirectory;
        _logger = logger;
        // A daemon that was started for one command ends with it, whatever service that command is part of.
        _isAlone = options.ForParent;
        if (options.IsSupervised)
        {
            SupervisedEnvironment.NameThisProcess();
        }

        _manager = _isAlone ? ServiceManager.None : ServiceManager.Claim(options.IsSupervised);
        _keeper = new KeeperClient(options.RunDirectory);
    }

    /// <summary>Whether the mount outlives this process.</summary>
    public bool IsKept
    {
        get
        {
            lock (_lock)
            {
                return _manager.IsPresent || _keeper.IsConnected;
            }
        }
    }

    /// <summary>How often the manager expects <see cref="Beat"/>; null: it does not.</summary>
    public TimeSpan? Watchdog => _manager.WatchdogInterval;

    /// <summary>
    /// What a predecessor left: what was passed by the manager, else what the keeper has. Null when there is no device. To be called once, and
    /// before any lock is taken on the journal.
    /// </summary>
    public KeptDescriptors? Take()
    {
        if (_isAlone)
        {
            return null;
        }

        using PassedDescriptors passed = PassedDescriptors.Claim();
        KeptDescriptors found = new(passed.Take(DescriptorNames.Device), passed.Take(DescriptorNames.Journal));
        if (found is { Device: >= 0, Journal: >= 0 })
        {
            return found;
        }

        if (found.Journal >= 0)
        {
            _ = Libc.Close(found.Journal); // of no use alone, and the keeper may have both
        }

        KeeperAnswer answer;
        lock (_lock)
        {
            answer = _keeper.Take(_mount, out int keptDevice, out int keptJournal);
            if (answer.IsDone)
            {
                if (found.Device >= 0)
                {
                    _ = Libc.Close(found.Device);
                }

                return new KeptDescriptors(keptDevice, keptJournal);
            }
        }

        if (answer.Outcome is KeeperOutcome.NoAnswer or KeeperOutcome.Refused)
        {
            LogKeeperTrouble(answer.Text);
        }

        return found.Device >= 0 ? found with { Journal = -1 } : null;
    }

    /// <summary>
    /// Gives copies to whoever keeps them; before the mount, so that a mount which somebody uses is never lost. A manager that cannot
    /// store an unmounted device gets them by <see cref="Ready"/>.
    /// </summary>
    public void Store(FuseDevice device, Journal journal)
    {
        if (_manager.StoresUnmounted)
        {
            StoreAtManager(device, journal);
        }

        Register(device, journal);
    }

    /// <summary>Says that the daemon serves. Whoever did not keep its descriptors yet is given them.</summary>
    public void Ready(FuseDevice device, Journal journal, bool isStored)
    {
        if (_manager.IsPresent && !(isStored && _manager.StoresUnmounted))
        {
            StoreAtManager(device, journal);
        }

        Register(device, journal);
        _ = _manager.Ready($"serving {_mount}");
    }

    /// <summary>The session is of no use any more: nobody is to keep it. The keeper sees that by itself.</summary>
    public void Drop()
    {
        if (_manager.IsPresent)
        {
            _ = _manager.Forget(DescriptorNames.Device);
            _ = _manager.Forget(DescriptorNames.Journal);
            _ = _manager.Barrier();
        }

        lock (_lock)
        {
            _given = null;
            _keeper.Dispose();
        }
    }

    /// <summary>The daemon is well. A keeper that was started later, or again, is given its copies.</summary>
    public void Beat()
    {
        _ = _manager.Watchdog();
        lock (_lock)
        {
            if (_given is { } given && !_isAlone && !_keeper.IsConnected)
            {
                Register(given.Device, given.Journal);
            }
        }
    }

    public void Dispose()
    {
        _manager.Dispose();
        _keeper.Dispose();
    }

    private void StoreAtManager(FuseDevice device, Journal journal)
    {
        bool isSent = _manager.Store(device.Number, DescriptorNames.Device) & _manager.Store(journal.Number, DescriptorNames.Journal);
        if (!isSent || !_manager.Barrier())
        {
            LogNotStored(_mount);
        }
    }

    private void Register(FuseDevice device, Journal journal)
    {
        if (!_isAlone)
        {
            lock (_lock)
            {
                _given = (device.Number, journal.Number);
                Register(device.Number, journal.Number);
            }
        }
    }

    private void Register(int device, int journal)
    {
        KeeperAnswer answer = _keeper.Keep(_mount, device, journal);
        if (answer.IsDone)
        {
            _isKeeperTroubleTold = false;
            LogRegistered(_runDirectory);
        }
        else if (answer.Outcome != KeeperOutcome.NoKeeper && !_isKeeperTroubleTold)
        {
            _isKeeperTroubleTold = true;
            LogKeeperTrouble(answer.Text);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "the keeper in {RunDirectory} keeps our descriptors")]
    private partial void LogRegistered(string runDirectory);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Trouble}; without it a stop of this daemon may cost containers their files")]
    private partial void LogKeeperTrouble(string trouble);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the service manager does not say that it has stored the descriptors of {Mount}: a restart may cost containers their files. Check FileDescriptorStoreMax= and NotifyAccess= of the unit")]
    private partial void LogNotStored(string mount);
}
