using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Metrics;

namespace ProcFs.Serving;

/// <summary>
/// Says that the daemon is well, to the manager's watchdog and in the journal for the keeper, and stops saying so when a request
/// stays in a worker's hands. Also looks for requests that got lost, for a keeper that came later, and for settings that have changed. One thread, which wakes up once in
/// an interval: an idle daemon does nothing else.
/// </summary>
internal sealed partial class Heartbeat : IDisposable
{
    /// <summary>The keeper takes a daemon for stuck that was silent six times as long.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);

    // A request takes microseconds; what a starved computer makes of them is no reason to be killed.
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(1);

    private readonly Connection _connection;
    private readonly OpenedSession _session;
    private readonly Custody _custody;
    private readonly ILogger _logger;
    private readonly TimeSpan _patience;
    private readonly MountWatch _mount;
    private readonly LiveSettings _settings;
    private readonly DaemonStats _stats;
    private readonly Action _lookAround;
    private readonly MemoryTrim _memory = new();
    private readonly TimeSpan _interval;
    private readonly ManualResetEvent _isEnding = new(false);
    private readonly Thread _thread;
    private bool _isStuckTold;
    private bool _isLossTold;
    private bool _isFaultTold;

    public Heartbeat(Connection connection, OpenedSession session, ServedMounts mounts, Custody custody, LiveSettings settings, DaemonStats stats, Action lookAround, ILogger logger)
    {
        _connection = connection;
        _session = session;
        _custody = custody;
        _settings = settings;
        _stats = stats;
        _lookAround = lookAround;
        _logger = logger;
        _mount = new MountWatch(mounts, session.Journal, logger);
        TimeSpan watchdog = custody.Watchdog ?? LeastPatience;
        _patience = TimeSpan.FromTicks(Math.Clamp(watchdog.Ticks, LeastPatience.Ticks, MostPatience.Ticks));
        _interval = IntervalFor(watchdog);
        session.Journal.HeartbeatNs = Now();
        _stats.Beat(Now(), _interval);
        _thread = new Thread(Run) { IsBackground = true, Name = "heartbeat" };
        _thread.Start();
    }

    /// <summary>Waits for a beat that is just being made, but not for long.</summary>
    public void Dispose()
    {
        _isEnding.Set();
        if (_thread.Join(EndsWithin))
        {
            _mount.Dispose();
        }
    }

    /// <summary>Twice in the time that the watchdog allows, and often enough for the keeper, which knows nothing of that.</summary>
    internal static TimeSpan IntervalFor(TimeSpan watchdog) => TimeSpan.FromTicks(Math.Min((watchdog / 2).Ticks, LongestInterval.Ticks));

    /// <summary>Now, as the journal has it: CLOCK_MONOTONIC, so that a computer that slept has not missed a beat.</summary>
    private static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    private void Run()
    {
        while (!_isEnding.WaitOne(_interval))
        {
            Beat();
        }
    }

    private void Beat()
    {
        try
        {
            _connection.CallStandby();
            TimeSpan longest = _connection.LongestRequest;
            _stats.Look(longest);
            if (!IsWell(longest))
            {
                return;
            }

            _session.Journal.HeartbeatNs = Now();
            _stats.Beat(Now(), _interval);
            _custody.Beat();
            LookForLost();
            _mount.Look();
            _settings.Look();
            _lookAround();
            _memory.Look();
        }
        catch (Exception exception) // of a thread: it would end the process
        {
            if (!_isFaultTold)
            {
                _isFaultTold = true;
                LogFault(exception);
            }
        }
    }

    private bool IsWell(TimeSpan longest)
    {
        bool isStuck = longest > _patience;
        if (isStuck && !_isStuckTold)
        {
            _stats.Count(StatsEvent.Stalled);
            LogStuck((int)longest.TotalSeconds);
        }

        _isStuckTold = isStuck;
        return !isStuck;
    }

    /// <summary>Nothing is handled, nor was for a while, and still the kernel waits for an answer: that request got lost.</summary>
    private void LookForLost()
    {
        if (_connection.IdleFor < LeastPatience || FuseControl.Waiting(_session.Journal.Connection) is not (> 0 and long waiting) || _connection.IdleFor < LeastPatience)
        {
            _isLossTold = false;
        }
        else if (_connection.Resend())
        {
            _stats.Count(StatsEvent.Lost);
            LogResent(waiting);
        }
        else if (!_isLossTold)
        {
            _isLossTold = true;
            _stats.Count(StatsEvent.Lost);
            LogLost(waiting, _session.Journal.Connection);
        }
    }

    [LoggerMessage(1171, LogLevel.Error, "a request has been in a worker's hands for {Seconds} s: no more signs of life are given, so that this daemon is replaced")]
    private partial void LogStuck(int seconds);

    [LoggerMessage(1172, LogLevel.Warning, "{Waiting} request(s) waited while all workers were idle: the kernel was asked to send them again. Please report this")]
    private partial void LogResent(long waiting);

    [LoggerMessage(1173, LogLevel.Error, "{Waiting} request(s) wait while all workers are idle, and this kernel cannot send them again (Linux 6.9 can): their readers are freed only by ending the connection, echo 1 > /sys/fs/fuse/connections/{Connection}/abort. Please report this")]
    private partial void LogLost(long waiting, uint connection);

    [LoggerMessage(1174, LogLevel.Error, "a sign of life could not be given; told once")]
    private partial void LogFault(Exception exception);
}
