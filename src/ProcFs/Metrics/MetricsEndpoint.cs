using Microsoft.Extensions.Logging;
using ProcFs.Interop;
using ProcFs.Keeping;
using ProcFs.Text;

namespace ProcFs.Metrics;

/// <summary>
/// Serves metrics to whoever scrapes them. One thread of its own, so that nothing that a scraper does or leaves undone touches those who serve containers;
/// nothing blocks, whoever takes too long is hung up on, and so is the oldest of too many.
/// </summary>
internal sealed partial class MetricsEndpoint
{
    private const int MostVisitors = 8;

    private static readonly TimeSpan LongestVisit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TriesAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly MetricsAddress _address;
    private readonly Action<TextBuffer> _write;
    private readonly ILogger _logger;
    private readonly PollLoop _loop = new();
    private readonly List<MetricsVisitor> _visitors = []; // oldest first
    private readonly Stack<TextBuffer> _spare = new();

    private MetricsEndpoint(MetricsAddress address, Action<TextBuffer> write, ILogger logger)
    {
        _address = address;
        _write = write;
        _logger = logger;
    }

    /// <summary>Serves until the process ends.</summary>
    /// <param name="address">Where.</param>
    /// <param name="write">Appends the metrics; called on one thread.</param>
    /// <param name="logger">Told when it cannot be done.</param>
    public static void Start(MetricsAddress address, Action<TextBuffer> write, ILogger logger)
    {
        MetricsEndpoint endpoint = new(address, write, logger);
        new Thread(endpoint.Run) { Name = "metrics", IsBackground = true }.Start();
    }

    private void Run()
    {
        try
        {
            FileDescriptor listener = Listen();
            PollLoop.Source? arrivals = null;
            arrivals = _loop.Add(listener.Number, Libc.POLLIN, _ => Accept(listener, arrivals!));
            while (true)
            {
                _loop.Wait(_visitors.Count == 0 ? Long : TimeSpan.FromSeconds(1));
                while (_visitors.Count > 0 && _visitors[0].Age > LongestVisit)
                {
                    _visitors[0].End();
                }
            }
        }
        catch (Exception exception) // of a thread: it would end the process
        {
            LogDied(exception);
        }
    }

    /// <summary>A predecessor may still have the address for a moment, somebody else for longer.</summary>
    private FileDescriptor Listen()
    {
        string address = _address.ToString();
        for (bool isTold = false; ; isTold = true)
        {
            if (MetricsListener.Open(_address, out string? defect) is { } listener)
            {
                LogServing(address);
                return listener;
            }

            if (!isTold)
            {
                LogNotServing(defect!);
            }

            Thread.Sleep(TriesAgainAfter);
        }
    }

    private void Accept(FileDescriptor listener, PollLoop.Source arrivals)
    {
        int socket = Libc.Accept(listener.Number, Libc.SOCK_NONBLOCK);
        if (socket < 0)
        {
            // Without descriptors it stays readable: asking again at once would be a circle.
            arrivals.Rest(TimeSpan.FromMilliseconds(100));
            return;
        }

        if (_visitors.Count >= MostVisitors)
        {
            _visitors[0].End();
        }

        _visitors.Add(new MetricsVisitor(_loop, socket, _spare.TryPop(out TextBuffer? spare) ? spare : new TextBuffer(), _write, Ended));
    }

    private void Ended(MetricsVisitor visitor)
    {
        _visitors.Remove(visitor);
        _spare.Push(visitor.Answer);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "metrics are served at {Address}")]
    private partial void LogServing(string address);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}: it is tried again every few seconds")]
    private partial void LogNotServing(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "metrics are served no more, because of a defect in this program; containers are served all the same")]
    private partial void LogDied(Exception exception);
}
