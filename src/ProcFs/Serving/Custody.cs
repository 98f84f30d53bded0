using System.Diagnostics;
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
    private static readonly TimeSpan KeeperAnswersWithin = TimeSpan.FromSeconds(5);

    private readonly string _mount;
    private readonly string _runDirectory;
    private readonly bool _isAlone;
    private readonly ServiceManager _manager;
    private readonly KeeperClient _keeper;
    private readonly ILogger<Custody> _logger;
    private readonly Lock _lock = new(); // for the keeper's connection, and what is given to it
    private (int Device, int Journal)? _given;
    private volatile bool _isStored;
    private int _isRegistering;
    private bool _isKeeperTroubleTold;
    private bool _wasKept;

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

    /// <summary>Whether the mount outlives this process, as far as can be known: a manager does not say whether it has stored what it was given.</summary>
    public bool IsKept
    {
        get
        {
            lock (_lock)
            {
                return (_isStored && !_manager.IsGone) || _keeper.IsConnected;
            }
        }
    }

    /// <summary>Whether another daemon is started when this one ends: by systemd or our own supervisor. A keeper starts none.</summary>
    public bool IsRestarted => _isStored && !_manager.IsGone;

    /// <summary>How often the manager expects <see cref="Beat"/>; null: it does not.</summary>
    public TimeSpan? Watchdog => _manager.WatchdogInterval;

    /// <summary>
    /// What a predecessor left: what was passed by the manager, else what the keeper has. Null when there is no device. To be called once, and
    /// before any lock is taken on the journal.
    /// </summary>
    /// <exception cref="Failure">There is a keeper, and it does not answer: it may have a connection that containers use.</exception>
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

        if (TakeFromKeeper() is not { } kept)
        {
            return found.Device >= 0 ? found with { Journal = -1 } : null;
        }

        if (found.Device >= 0)
        {
            _ = Libc.Close(found.Device);
        }

        return kept;
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

        Give(device, journal);
    }

    /// <summary>
    /// Another journal for a device that is kept already and in use. The device is never given up meanwhile: whoever has it alone can
    /// still carry on as we do.
    /// </summary>
    public void StoreJournal(FuseDevice device, Journal journal)
    {
        _ = _manager.Forget(DescriptorNames.Journal);
        Store(device, journal);
    }

    /// <summary>Says that the daemon serves. Whoever did not keep its descriptors yet is given them.</summary>
    public void Ready(FuseDevice device, Journal journal)
    {
        if (!_isStored)
        {
            StoreAtManager(device, journal);
        }

        Give(device, journal);
        _ = _manager.Ready($"serving {_mount}");
        _wasKept = IsKept;
    }

    /// <summary>The session has ended: nobody is to keep it. The keeper sees that by itself, and by what it is given next.</summary>
    public void Drop()
    {
        _isStored = false;
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

    /// <summary>The daemon is well. A keeper that was started later, or again, is given its copies; and people hear when nobody keeps them any more.</summary>
    public void Beat()
    {
        _ = _manager.Watchdog(); // also tells whether it is still there, and its copies with it
        bool isKept = IsKept;
        if (isKept != _wasKept)
        {
            _wasKept = isKept;
            if (isKept)
            {
                LogKeptAgain(_mount);
            }
            else
            {
                LogNotKept(_mount);
            }
        }

        // On another thread: a keeper that hangs must not hold up the next sign of life.
        if (!_isAlone && HasNewKeeper() && Interlocked.Exchange(ref _isRegistering, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static custody => custody.RegisterAgain(), this, preferLocal: false);
        }
    }

    /// <summary>The daemon is about to end. Whether somebody keeps the session then.</summary>
    public bool IsKeptAtTheEnd()
    {
        _ = _manager.Stopping();
        lock (_lock)
        {
            // A keeper that came within the last seconds has nothing yet, and the manager may forget what it has.
            if (_given is { } given && !_keeper.IsConnected)
            {
                Register(given.Device, given.Journal);
            }
        }

        return IsKept;
    }

    public void Dispose()
    {
        _manager.Dispose();
        lock (_lock)
        {
            _given = null;
            _keeper.Dispose();
        }
    }

    private bool HasNewKeeper()
    {
        lock (_lock)
        {
            return !_keeper.IsConnected && _keeper.MayBeThere;
        }
    }

    private KeptDescriptors? TakeFromKeeper()
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            KeeperAnswer answer;
            int device;
            int journal;
            lock (_lock)
            {
                answer = _keeper.Take(_mount, out device, out journal);
            }

            switch (answer.Outcome)
            {
                case KeeperOutcome.Done:
                    return new KeptDescriptors(device, journal);
                case KeeperOutcome.NoAnswer when Stopwatch.GetElapsedTime(start) >= KeeperAnswersWithin:
                    throw new Failure(ExitCode.Failed, $"{answer.Text}; it may keep a connection that containers use. End it: whoever started it starts it again, and it keeps what it had where systemd stores it");
                case KeeperOutcome.NoAnswer:
                    Thread.Sleep(100);
                    break;
                case KeeperOutcome.Refused:
                    LogKeeperTrouble(answer.Text);
                    return null;
                default:
                    return null;
            }
        }
    }

    private void StoreAtManager(FuseDevice device, Journal journal)
    {
        if (!_manager.KeepsDescriptors)
        {
            return;
        }

        bool isSent = _manager.Store(device.Number, DescriptorNames.Device) & _manager.Store(journal.Number, DescriptorNames.Journal);
        _isStored = isSent && _manager.Barrier();
        if (!_isStored)
        {
            LogNotStored(_mount);
        }
    }

    private void Give(FuseDevice device, Journal journal)
    {
        if (_isAlone)
        {
            return;
        }

        lock (_lock)
        {
            _given = (device.Number, journal.Number);
            Register(device.Number, journal.Number);
        }
    }

    private void RegisterAgain()
    {
        try
        {
            lock (_lock)
            {
                if (_given is { } given && !_keeper.IsConnected)
                {
                    Register(given.Device, given.Journal);
                }
            }
        }
        catch (Exception exception) // of a work item: it would end the process
        {
            LogFault(exception);
        }
        finally
        {
            Volatile.Write(ref _isRegistering, 0);
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

    [LoggerMessage(1161, LogLevel.Debug, "the keeper in {RunDirectory} keeps our descriptors")]
    private partial void LogRegistered(string runDirectory);

    [LoggerMessage(1162, LogLevel.Warning, "{Trouble}; without it a stop of this daemon may cost containers their files")]
    private partial void LogKeeperTrouble(string trouble);

    [LoggerMessage(1163, LogLevel.Warning, "nobody keeps the descriptors of {Mount} any more: when this daemon ends, containers that hold its files are left with dead ones. Start procfs supervise, or procfs keep, again: it takes them over")]
    private partial void LogNotKept(string mount);

    [LoggerMessage(1164, LogLevel.Information, "the descriptors of {Mount} are kept again")]
    private partial void LogKeptAgain(string mount);

    [LoggerMessage(1165, LogLevel.Warning, "the service manager does not say that it has taken the descriptors of {Mount}: a restart may cost containers their files. Check NotifyAccess= of the unit")]
    private partial void LogNotStored(string mount);

    [LoggerMessage(1166, LogLevel.Error, "the keeper could not be spoken to")]
    private partial void LogFault(Exception exception);
}
