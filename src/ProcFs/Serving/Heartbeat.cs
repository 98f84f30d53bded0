using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ProcFs.Fuse;

namespace ProcFs.Serving;

/// <summary>
/// Says that the daemon is well, to the manager's watchdog and in the journal for the keeper, and stops saying so when a request
/// stays in a worker's hands. Also looks for requests that got lost, and for a keeper that came later. One timer, twice in the time that
/// the watchdog allows.
/// </summary>
internal sealed partial class Heartbeat : IDisposable
{
    /// <summary>Where nobody sets a watchdog.</summary>
    private static readonly TimeSpan DefaultWatchdog = TimeSpan.FromSeconds(10);

    private readonly Connection _connection;
    private readonly OpenedSession _session;
    private readonly Custody _custody;
    private readonly ILogger _logger;
    private readonly TimeSpan _patience;
    private readonly Timer _timer;
    private int _isBeating;
    private bool _isStuckTold;
    private bool _wasIdle;
    private long _requestsBefore;

    public Heartbeat(Connection connection, OpenedSession session, Custody custody, ILogger logger)
    {
        _connection = connection;
        _session = session;
        _custody = custody;
        _logger = logger;
        _patience = custody.Watchdog ?? DefaultWatchdog;
        TimeSpan interval = _patience / 2;
        session.Journal.HeartbeatNs = Now();
        _timer = new Timer(_ => Beat(), null, interval, interval);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Now, as the journal has it: CLOCK_MONOTONIC, so that a computer that slept has not missed a beat.</summary>
    private static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    private void Beat()
    {
        // A beat that takes long must not pile up.
        if (Interlocked.Exchange(ref _isBeating, 1) != 0)
        {
            return;
        }

        try
        {
            TimeSpan longest = _connection.LongestRequest();
            if (longest > _patience)
            {
                if (!_isStuckTold)
                {
                    _isStuckTold = true;
                    LogStuck((int)longest.TotalSeconds);
                }

                return;
            }

            _isStuckTold = false;
            _session.Journal.HeartbeatNs = Now();
            _custody.Beat();
            LookForLost();
        }
        finally
        {
            Volatile.Write(ref _isBeating, 0);
        }
    }

    /// <summary>Nothing was handled since the last beat and nothing is, and still the kernel waits for an answer: that request got lost.</summary>
    private void LookForLost()
    {
        long requests = _connection.Requests;
        bool isIdle = requests == _requestsBefore && _connection.LongestRequest() == TimeSpan.Zero;
        _requestsBefore = requests;
        if (!isIdle || !_wasIdle)
        {
            _wasIdle = isIdle;
            return;
        }

        if (FuseControl.Waiting(_session.Journal.Connection) is > 0 and long waiting && _connection.LongestRequest() == TimeSpan.Zero && requests == _connection.Requests)
        {
            _wasIdle = false; // two more beats until the next try
            if (_connection.Resend())
            {
                LogResent(waiting);
            }
            else
            {
                LogLost(waiting, _session.Journal.Connection);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "a request has been in a worker's hands for {Seconds} s: no more signs of life are given, so that this daemon is replaced")]
    private partial void LogStuck(int seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Waiting} request(s) waited while all workers were idle: the kernel was asked to send them again. Please report this")]
    private partial void LogResent(long waiting);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Waiting} request(s) wait while all workers are idle, and this kernel cannot send them again (Linux 6.9 can): their readers are freed only by ending the connection, echo 1 > /sys/fs/fuse/connections/{Connection}/abort. Please report this")]
    private partial void LogLost(long waiting, uint connection);
}
