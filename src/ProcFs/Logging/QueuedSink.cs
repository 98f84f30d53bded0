using System.Threading.Channels;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace ProcFs.Logging;

/// <summary>
/// Hands log events to a thread of its own. Whoever reads our standard error may stall (a wedged journal, a pager), and a worker that
/// waited for it would leave a reader in a container waiting for ever. When the queue is full events are dropped, and counted.
/// </summary>
internal sealed class QueuedSink : ILogEventSink, IDisposable
{
    private const int Capacity = 1024;

    private static readonly TimeSpan LastWordsWithin = TimeSpan.FromSeconds(1);
    private static readonly MessageTemplate Dropped = new MessageTemplateParser().Parse("{Count} messages were dropped: the log was not read fast enough");

    private readonly Logger _target;
    private readonly ILogGate _gate;
    private readonly Channel<LogEvent> _queue = Channel.CreateBounded<LogEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Thread _writer;
    private readonly TimeSpan _lastWordsWithin;
    private int _dropped;

    /// <param name="target">Does the writing; disposed with this.</param>
    /// <param name="gate">Keeps floods out; null: by what this process has told.</param>
    /// <param name="lastWordsWithin">What is queued at the end is waited for so long; null: for a second.</param>
    public QueuedSink(Logger target, ILogGate? gate = null, TimeSpan? lastWordsWithin = null)
    {
        _lastWordsWithin = lastWordsWithin ?? LastWordsWithin;
        _target = target;
        _gate = gate ?? new FloodGate(TimeProvider.System);
        _writer = new Thread(Write) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>Never waits.</summary>
    public void Emit(LogEvent logEvent)
    {
        if (!_queue.Writer.TryWrite(logEvent))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Waits for what is queued to be written, but not for long.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        if (_writer.Join(_lastWordsWithin))
        {
            _target.Dispose();
        }
    }

    private void Write()
    {
        bool isOpen = true;
        Task<bool>? more = null;
        while (isOpen)
        {
            more ??= _queue.Reader.WaitToReadAsync().AsTask();
            if (more.Wait(_gate.Rest ?? Timeout.InfiniteTimeSpan))
            {
                isOpen = more.Result;
                more = null;
            }

            while (_queue.Reader.TryRead(out LogEvent? logEvent))
            {
                if (_gate.Pass(logEvent) is { } told)
                {
                    _target.Write(told);
                }
            }

            foreach (LogEvent due in _gate.Due(all: !isOpen))
            {
                _target.Write(due);
            }

            int dropped = Interlocked.Exchange(ref _dropped, 0);
            if (dropped > 0)
            {
                LogEventProperty count = new("Count", new ScalarValue(dropped));
                _target.Write(new LogEvent(DateTimeOffset.Now, LogEventLevel.Warning, null, Dropped, [count, EventIds.ToProperty(EventIds.Dropped, nameof(Dropped))]));
            }
        }
    }
}
