using Microsoft.Extensions.Logging;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary><c>procfs keep</c>: keeps what servers register, gives it to their successors, and lets readers go when none comes.</summary>
internal sealed partial class Keeper : IKeeperRequests, IDisposable
{
    private readonly string _runDirectory;
    private readonly KeepingRules _rules;
    private readonly ServiceManager _manager;
    private readonly SignalInbox _signals;
    private readonly ILogger _logger;
    private readonly PollLoop _loop = new();
    private readonly KeptMounts _mounts;

    /// <param name="runDirectory">Where it listens.</param>
    /// <param name="rules">What it goes by.</param>
    /// <param name="manager">Its own, whose store outlives it.</param>
    /// <param name="signals">SIGTERM, SIGINT and SIGHUP end it.</param>
    /// <param name="logger">Told what people should know.</param>
    public Keeper(string runDirectory, KeepingRules rules, ServiceManager manager, SignalInbox signals, ILogger logger)
    {
        _runDirectory = runDirectory;
        _rules = rules;
        _manager = manager;
        _signals = signals;
        _logger = logger;
        _mounts = new KeptMounts(rules, _loop, manager, logger);
    }

    /// <summary>Keeps until a signal says stop.</summary>
    /// <param name="passed">What the service manager stored for a predecessor; disposed here.</param>
    /// <exception cref="Failure">Another keeper has the run directory, or that cannot be used.</exception>
    public void Run(PassedDescriptors passed)
    {
        using KeeperEndpoint endpoint = KeeperEndpoint.Open(_runDirectory, _loop, this, _rules.Time, _logger);
        _mounts.Restore(passed);
        passed.Dispose();
        PollLoop.Source signals = _loop.Add(_signals.Descriptor, Libc.POLLIN, _ => { });
        LogKeeping(_runDirectory);
        _manager.Ready();
        TimeSpan wake = _manager.WatchdogInterval is { } interval && interval / 2 < _rules.LookEvery ? interval / 2 : _rules.LookEvery;
        long nextLookNs = 0;
        while (!IsToldToStop())
        {
            long now = _rules.Time.NowNs();
            if (now >= nextLookNs)
            {
                _mounts.Look();
                endpoint.Sweep();
                _ = _manager.WatchdogInterval is null || _manager.Watchdog();
                nextLookNs = now + wake.ToNs();
            }

            _loop.Wait(KeepingClock.FromNs(nextLookNs - now));
        }

        signals.Remove();
        _manager.Stopping();
        LogStopped(_runDirectory, _mounts.Count);
    }

    public void Dispose() => _mounts.Dispose();

    string? IKeeperRequests.Keep(string mount, int device, int journal) => _mounts.Keep(mount, device, journal);

    bool IKeeperRequests.TryGet(string mount, out int device, out int journal) => _mounts.TryGet(mount, out device, out journal);

    void IKeeperRequests.End(string mount, Action<string?> done) => done(_mounts.End(mount));

    string IKeeperRequests.List() => _mounts.List();

    private bool IsToldToStop()
    {
        bool isTold = false;
        while (_signals.TryTake(out int signal))
        {
            isTold |= signal is Libc.SIGTERM or Libc.SIGINT or Libc.SIGHUP;
        }

        return isTold;
    }

    [LoggerMessage(1501, LogLevel.Information, "keeping for the servers of {RunDirectory}")]
    private partial void LogKeeping(string runDirectory);

    [LoggerMessage(1502, LogLevel.Information, "stopped keeping for the servers of {RunDirectory}; there were {Count} mount(s)")]
    private partial void LogStopped(string runDirectory, int count);
}
