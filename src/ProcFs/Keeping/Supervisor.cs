using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>
/// <c>procfs supervise</c>: a keeper that also starts the server, and starts it again whenever it ends. To the server it is what systemd
/// is. All on one thread.
/// </summary>
internal sealed partial class Supervisor : IKeeperRequests, IDisposable
{
    private static readonly TimeSpan Asleep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

    /// <summary>How often to look whether the server has ended when nothing tells us.</summary>
    private static readonly TimeSpan Unwatched = TimeSpan.FromMilliseconds(50);

    private readonly SupervisorOptions _options;
    private readonly ServiceManager _manager;
    private readonly SignalInbox _signals;
    private readonly ILogger _logger;
    private readonly PollLoop _loop = new();
    private readonly KeptMounts _mounts;
    private readonly NotifyListener _notify;
    private SupervisedServer? _server;
    private long _restUntilNs;
    private long _awakeSinceNs;
    private readonly List<int> _held = [];
    private bool _wasEverReady;
    private bool _isStopping;
    private long _endByNs;
    private Action<string?>? _goodbye;
    private Detachment? _farewell;
    private int? _outcome;

    /// <param name="options">What it starts, and how patient it is.</param>
    /// <param name="manager">Our own, told when the server is ready.</param>
    /// <param name="signals">SIGTERM and SIGINT end both; SIGHUP, SIGUSR1 and SIGUSR2 are the server's.</param>
    /// <param name="logger">Told what people should know.</param>
    public Supervisor(SupervisorOptions options, ServiceManager manager, SignalInbox signals, ILogger logger)
    {
        _options = options;
        _manager = manager;
        _signals = signals;
        _logger = logger;
        _mounts = new KeptMounts(options.Rules, _loop, ServiceManager.None, logger);
        _notify = NotifyListener.Open();
    }

    private long NowNs => _options.Rules.Time.NowNs();

    private bool HasDescriptors => _mounts.Has(_options.Mount);

    /// <summary>Until it is told to stop, or the server never gets ready: then with its exit code.</summary>
    /// <exception cref="Failure">There is a keeper already, the server cannot be started, or another one has the mount and does not register.</exception>
    public int Run()
    {
        using KeeperEndpoint endpoint = KeeperEndpoint.Open(_options.RunDirectory, _loop, this, _options.Rules.Time, _logger);
        PollLoop.Source signals = _loop.Add(_signals.Descriptor, Libc.POLLIN, _ => { });
        PollLoop.Source words = _loop.Add(_notify.Descriptor, Libc.POLLIN, _ => { });
        LookForOther();
        long nextLookNs = 0;
        long lastTurnNs = NowNs;
        while (_outcome is null)
        {
            TakeSignals();
            Hear();
            TakeServer();
            long now = NowNs;
            _awakeSinceNs = now - lastTurnNs > Asleep.ToNs() ? now : _awakeSinceNs;
            lastTurnNs = now;
            if (_outcome is not null)
            {
                break; // the server has ended for good: no other is started
            }

            Act(now);
            if (now >= nextLookNs)
            {
                _mounts.Look();
                endpoint.Sweep();
                TakeOrphans();
                _ = _manager.WatchdogInterval is null || _manager.Watchdog();
                nextLookNs = now + _options.Rules.LookEvery.ToNs();
            }

            if (_outcome is null)
            {
                _loop.Wait(KeepingClock.FromNs(Math.Min(nextLookNs, NextActNs(now)) - now));
            }
        }

        signals.Remove();
        words.Remove();
        return _outcome.Value;
    }

    public void Dispose()
    {
        _server?.Unwatch();
        _farewell?.Dispose();
        ForgetHalf();
        _mounts.Dispose();
        _notify.Dispose();
    }

    string? IKeeperRequests.Keep(string mount, int device, int journal) => _mounts.Keep(mount, device, journal);

    bool IKeeperRequests.TryGet(string mount, out int device, out int journal) => _mounts.TryGet(mount, out device, out journal);

    string IKeeperRequests.List() => _mounts.List();

    void IKeeperRequests.End(string mount, Action<string?> done)
    {
        if (mount != _options.Mount)
        {
            done(_mounts.End(mount));
        }
        else if (_goodbye is not null)
        {
            done($"{mount} is about to end already");
        }
        else
        {
            _goodbye = done;
            Stop();
        }
    }

    private void Act(long now)
    {
        if (_server is not null)
        {
            WatchServer(_server, now);
        }
        else if (_other != OtherServer.None)
        {
            ActOnOther(now);
        }
        else if (_isStopping)
        {
            Finish(now);
        }
        else if (now >= _restUntilNs)
        {
            Start(now);
        }
    }

    /// <summary>When <see cref="Act"/> has something to do next, whatever else happens.</summary>
    private long NextActNs(long now)
    {
        if (_server is { } server)
        {
            long due = _isStopping ? _endByNs
                : server.IsKilled ? long.MaxValue
                : Math.Max(_awakeSinceNs, server.AliveNs) + Patience(server).ToNs() + 1;
            return server.IsWatched ? due : Math.Min(due, now + Unwatched.ToNs());
        }

        return _farewell is not null ? now + Unwatched.ToNs()
            : _other == OtherServer.Leaving ? now + Soon.ToNs()
            : _other == OtherServer.Unregistered ? _otherUntilNs
            : _restUntilNs;
    }

    private TimeSpan Patience(SupervisedServer server) => server.IsReady ? _options.Watchdog : _options.ReadyWithin;

    private void TakeSignals()
    {
        while (_signals.TryTake(out int signal))
        {
            switch (signal)
            {
                case Libc.SIGTERM or Libc.SIGINT:
                    Stop();
                    break;
                case Libc.SIGHUP or Libc.SIGUSR1 or Libc.SIGUSR2:
                    PassOn(signal);
                    break;
            }
        }
    }

    /// <summary>A server that does not listen to it yet would be ended by it: one that begins gets it once it is ready.</summary>
    private void PassOn(int signal)
    {
        if (_server is { IsReady: true } server)
        {
            _ = Libc.Kill(server.Pid, signal);
        }
        else if (!_held.Contains(signal))
        {
            _held.Add(signal);
        }
    }

    /// <summary>The server first: it leaves at once, since its descriptors are here.</summary>
    private void Stop()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        _manager.Stopping();
        _endByNs = NowNs + _options.EndsWithin.ToNs();
        if (_server is not null)
        {
            _ = Libc.Kill(_server.Pid, Libc.SIGTERM);
        }
    }

    /// <summary>Nobody serves any more: no reader may be left waiting, and no file that gives errors. To be called again until there is an outcome.</summary>
    private void Finish(long now)
    {
        if (HasDescriptors || _wasEverReady)
        {
            _farewell ??= Detachment.Start(_options.Rules, _options.Mount, _loop, () => { }, _logger);
            if (!_farewell.IsOver(now))
            {
                return;
            }

            _farewell.Dispose();
            _farewell = null;
        }

        ForgetHalf();
        string? failure = null;
        try
        {
            if (HasDescriptors)
            {
                failure = _mounts.End(_options.Mount);
            }
            else if (_wasEverReady)
            {
                _options.Rules.Unmount(_options.Mount);
            }
        }
        catch (FuseException exception)
        {
            failure = exception.Message;
        }

        string others = string.Join(", ", _mounts.Mounts.Where(mount => mount != _options.Mount));
        if (others.Length > 0)
        {
            LogOthers(others);
        }

        _goodbye?.Invoke(failure);
        _outcome = (int)(failure is null ? ExitCode.Done : ExitCode.Failed);
        if (failure is null)
        {
            LogStopped(_options.Mount);
        }
        else
        {
            LogNotStopped(_options.Mount, failure);
        }
    }

    private void Start(long now)
    {
        bool isHandedOver = _mounts.TryGet(_options.Mount, out int device, out int journal);
        List<string> environment = ChildEnvironment.Of(Environment.GetEnvironmentVariables(), _notify.Address, _options.Watchdog, isHandedOver);
        int pid = Libc.Spawn(_options.Program, _options.Arguments, environment, isHandedOver ? [device, journal] : []);
        if (pid > 0)
        {
            _server = new SupervisedServer(pid, now);
            _server.Watch(_loop, _options.Watch(pid), Unwatched);
            _stored = isHandedOver ? _mounts.JournalOf(_options.Mount) : 0;
            LogStarted(pid);
            return;
        }

        string why = Libc.Describe(Libc.ErrorOf(pid));
        if (!_wasEverReady && !_mounts.HasMounted(_options.Mount))
        {
            throw new Failure(ExitCode.Failed, $"cannot start {_options.Program}: {why}");
        }

        TimeSpan rest = _options.Backoff.AfterBad();
        _restUntilNs = now + rest.ToNs();
        LogNotStarted(_options.Program, why, (long)rest.TotalMilliseconds);
    }

    private void WatchServer(SupervisedServer server, long now)
    {
        if (_isStopping)
        {
            if (now < _endByNs)
            {
                return;
            }

            if (server.IsKilled)
            {
                // Not even SIGKILL: it waits for the kernel. Without it, at least nobody waits for us.
                server.Unwatch();
                _server = null;
                Finish(now);
                return;
            }

            LogDoesNotEnd(server.Pid);
            _endByNs = now + _options.EndsWithin.ToNs();
            Kill(server);
        }
        else if (!server.IsKilled && now - Math.Max(server.AliveNs, _awakeSinceNs) > Patience(server).ToNs())
        {
            LogSilent(server.Pid, (long)Patience(server).TotalMilliseconds, server.IsReady ? "said that it is alive" : "become ready");
            Kill(server);
        }
    }

    private static void Kill(SupervisedServer server)
    {
        server.IsKilled = true;
        _ = Libc.Kill(server.Pid, Libc.SIGKILL); // not reaped yet: the number is still its own
    }

    private void TakeServer()
    {
        if (_server is not { } server)
        {
            return;
        }

        int taken = Libc.TakeEnded(server.Pid, out Libc.ChildEnd end);
        if (taken == server.Pid)
        {
            Ended(server, end);
        }
        else if (Libc.ErrorOf(taken) == Errno.ECHILD)
        {
            // Somebody else took it: the runtime, which takes everything as process 1 while it listens to SIGCHLD; or the kernel, when our
            // parent has SIGCHLD ignored.
            Ended(server, null);
        }
    }

    /// <summary>As process 1 we are everybody's parent.</summary>
    private void TakeOrphans()
    {
        while (_options.ReapsAll && Libc.TakeEnded(-1, out Libc.ChildEnd end) is > 0 and int pid)
        {
            if (pid == _server?.Pid)
            {
                Ended(_server, end);
            }
        }
    }

    /// <param name="server">It is gone.</param>
    /// <param name="end">Null: nobody knows.</param>
    private void Ended(SupervisedServer server, Libc.ChildEnd? end)
    {
        Hear(); // its last words
        server.Unwatch();
        _server = null;
        ForgetHalf();
        long now = NowNs;
        TimeSpan lived = KeepingClock.FromNs(now - server.StartedNs);
        string how = end is not { } known ? "nobody knows how"
            : known.Signal == 0 ? string.Create(CultureInfo.InvariantCulture, $"exit code {known.ExitCode}")
            : string.Create(CultureInfo.InvariantCulture, $"signal {known.Signal}");
        if (_isStopping)
        {
            return;
        }

        // Stored, but never mounted: nobody has a file of it, and whatever prevents the mount will prevent the next one.
        if (!_wasEverReady && !_mounts.HasMounted(_options.Mount))
        {
            LogNeverReady(server.Pid, how);
            _outcome = end?.ExitCode ?? (int)ExitCode.Failed;
            return;
        }

        TimeSpan rest = server.IsReady ? _options.Backoff.AfterReady(lived < _options.GoodLife, now) : _options.Backoff.AfterBad();
        _restUntilNs = now + rest.ToNs();
        LogEnded(server.Pid, how, (long)lived.TotalMilliseconds, (long)rest.TotalMilliseconds);
    }
}
