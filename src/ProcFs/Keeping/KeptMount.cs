using Microsoft.Extensions.Logging;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>Watches one kept mount: who serves it, since when nobody does, and when its readers must be let go.</summary>
internal sealed partial class KeptMount : IDisposable
{
    /// <summary>
    /// Between two times of answering: a server that starts asks for the journal's lock every 5 ms and must get it, however many readers
    /// ask again as soon as they are answered.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly KeepingRules _rules;
    private readonly PollLoop _loop;
    private readonly ILogger _logger;
    private PollLoop.Source? _requests;
    private Detachment? _detachment;
    private int _server;
    private long _servedSinceNs;
    private long? _unservedSinceNs;
    private long _killedNs;

    public KeptMount(IKeptConnection connection, KeepingRules rules, PollLoop loop, ILogger logger)
    {
        Connection = connection;
        _rules = rules;
        _loop = loop;
        _logger = logger;
    }

    public IKeptConnection Connection { get; }

    public KeptMountState State { get; private set; } = KeptMountState.Waiting;

    /// <summary>Looks at it once.</summary>
    /// <param name="nowNs">The time.</param>
    /// <param name="awakeSinceNs">Since when we look regularly: for a time in which we slept nobody else is blamed.</param>
    /// <param name="pid">The server's, 0 when there is none or it cannot be seen from here.</param>
    public KeptMountState Look(long nowNs, long awakeSinceNs, out int pid)
    {
        pid = 0;
        if (Connection.HasEnded)
        {
            StopDetaching();
            StopAnswering();
            return State = KeptMountState.Ended;
        }

        if (Connection.IsServed(out pid))
        {
            Served(pid, nowNs, awakeSinceNs);
        }
        else
        {
            Unserved(nowNs, awakeSinceNs);
        }

        return State;
    }

    /// <summary>Lets the readers go, whatever the time; how many requests were answered, -1 when somebody serves after all.</summary>
    public int Release()
    {
        int answered = Connection.Release();
        State = answered < 0 ? KeptMountState.Waiting : KeptMountState.Released;
        return answered;
    }

    /// <summary>Same, when nobody is to serve it any more: once is not enough where many wait.</summary>
    public int ReleaseAll()
    {
        const int rounds = 16; // readers that ask again at once would keep us here for ever
        int all = Release();
        int answered = all;
        for (int i = 1; i < rounds && answered > 0; i++)
        {
            answered = Release();
            all += Math.Max(answered, 0);
        }

        return all;
    }

    public void Dispose()
    {
        StopDetaching();
        StopAnswering();
        Connection.Dispose();
    }

    private void Served(int pid, long nowNs, long awakeSinceNs)
    {
        StopDetaching(); // it would take out what the server has brought in
        StopAnswering();
        if (State == KeptMountState.Released)
        {
            LogServedAgain(Connection.Mount, pid);
        }

        if (State != KeptMountState.Served || pid != _server)
        {
            _server = pid;
            _servedSinceNs = nowNs; // the heartbeat may still be the predecessor's
            _killedNs = 0;
        }

        State = KeptMountState.Served;
        _unservedSinceNs = null;
        long heartbeat = Connection.HeartbeatNs <= nowNs ? Connection.HeartbeatNs : 0;
        long since = Math.Max(Math.Max(heartbeat, _killedNs), Math.Max(_servedSinceNs, awakeSinceNs));
        if (nowNs - since > _rules.StaleAfter.ToNs())
        {
            long seconds = (nowNs - since) / 1_000_000_000;
            _killedNs = nowNs;
            if (pid > 0)
            {
                LogKilling(Connection.Mount, pid, seconds);
                _rules.Kill(pid);
            }
            else
            {
                LogWedged(Connection.Mount, seconds);
            }
        }
    }

    private void Unserved(long nowNs, long awakeSinceNs)
    {
        if (State == KeptMountState.Served)
        {
            State = KeptMountState.Waiting;
        }

        _unservedSinceNs ??= nowNs;
        if (State == KeptMountState.Waiting && nowNs - Math.Max(_unservedSinceNs.Value, awakeSinceNs) >= _rules.ReleaseAfter.ToNs())
        {
            _detachment ??= Detachment.Start(_rules, Connection.Mount, _loop, ReleaseIfDetached, _logger);
            ReleaseIfDetached();
        }

        if (State == KeptMountState.Released && _requests is null)
        {
            _requests = _loop.Add(Connection.Device, Libc.POLLIN, _ => AnswerSome());
            _requests.Rest(Pause);
        }
    }

    /// <summary>Who waits is let go, but only when new readers find the kernel's own files: an error is for those that no other file can be given.</summary>
    private void ReleaseIfDetached()
    {
        if (_detachment?.IsOver(_rules.Time.NowNs()) != true)
        {
            return;
        }

        StopDetaching();
        int answered = Release();
        if (answered >= 0)
        {
            LogReleased(Connection.Mount, (long)_rules.ReleaseAfter.TotalSeconds, answered);
        }
    }

    private void StopDetaching()
    {
        _detachment?.Dispose();
        _detachment = null;
    }

    private void AnswerSome()
    {
        // Nothing answered: it is somebody else's, dead, or cannot be read. The next look will tell; until then it must not be asked in a circle.
        if (Connection.Release() <= 0)
        {
            StopAnswering();
        }

        _requests?.Rest(Pause);
    }

    private void StopAnswering()
    {
        _requests?.Remove();
        _requests = null;
    }

    [LoggerMessage(1521, LogLevel.Warning, "nobody has served {Mount} for {Seconds} s: its files were taken out of containers, {Count} waiting request(s) were answered with an error (EIO), and so is every other until a server is back")]
    private partial void LogReleased(string mount, long seconds, int count);

    [LoggerMessage(1522, LogLevel.Information, "{Mount} is served again, by process {Pid}")]
    private partial void LogServedAgain(string mount, int pid);

    [LoggerMessage(1523, LogLevel.Error, "the server of {Mount}, process {Pid}, has given no sign of life for {Seconds} s: killing it")]
    private partial void LogKilling(string mount, int pid, long seconds);

    [LoggerMessage(1524, LogLevel.Error, "the server of {Mount}, a process that cannot be seen from here, has given no sign of life for {Seconds} s: end it")]
    private partial void LogWedged(string mount, long seconds);
}
