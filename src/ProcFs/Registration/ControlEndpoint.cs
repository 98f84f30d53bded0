using Microsoft.Extensions.Logging;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Registration;

/// <summary>
/// The daemon's socket for hooks and tools: one packet, one answer. Nobody can make it wait: nothing blocks, whoever does not take its
/// answer is hung up on, and so is the oldest of too many.
/// </summary>
internal sealed partial class ControlEndpoint : IDisposable
{
    /// <summary>Connections at a time.</summary>
    public const int MostVisitors = 64;

    private const string Name = "control.sock";
    private const int MostRequestBytes = 4096;

    private readonly FileDescriptor _lock;
    private readonly FileDescriptor _directory;
    private readonly FileDescriptor _listener;
    private readonly PollLoop _loop;
    private readonly Func<ReadOnlyMemory<byte>, byte[]> _answer;
    private readonly ILogger _logger;
    private readonly byte[] _buffer = new byte[MostRequestBytes];
    private readonly List<PollLoop.Source> _visitors = []; // oldest first
    private readonly PollLoop.Source _arrivals;

    private ControlEndpoint(FileDescriptor endpointLock, FileDescriptor directory, FileDescriptor listener, PollLoop loop, Func<ReadOnlyMemory<byte>, byte[]> answer, ILogger logger)
    {
        _lock = endpointLock;
        _directory = directory;
        _listener = listener;
        _loop = loop;
        _answer = answer;
        _logger = logger;
        _arrivals = loop.Add(listener.Number, Libc.POLLIN, _ => Accept());
    }

    /// <summary>Takes the run directory's lock for it, and listens.</summary>
    /// <param name="runDirectory">Where the socket is.</param>
    /// <param name="loop">Waits for visitors.</param>
    /// <param name="answer">From a request to its answer, on the loop's thread.</param>
    /// <param name="logger">Told of strangers.</param>
    /// <exception cref="Failure">Another daemon listens there, or the directory cannot be used.</exception>
    public static ControlEndpoint Open(string runDirectory, PollLoop loop, Func<ReadOnlyMemory<byte>, byte[]> answer, ILogger logger)
    {
        FileDescriptor? directory = null;
        FileDescriptor? listener = null;
        FileDescriptor endpointLock = RecordLock.Take(runDirectory, Path.Combine(runDirectory, "control.lock"), holder
            => $"containers are registered with another daemon of {runDirectory}, process {holder}: give each mount a run directory of its own (--run-dir) to have them registered here");
        try
        {
            directory = FileDescriptor.Open(runDirectory, Libc.O_PATH | Libc.O_DIRECTORY, out Errno error)
                ?? throw new Failure(ExitCode.Failed, $"cannot open {runDirectory}: {Libc.Describe(error)}; choose another run directory with --run-dir");
            listener = LocalSocket.Listen(runDirectory, directory, Name);
            return new ControlEndpoint(endpointLock, directory, listener, loop, answer, logger);
        }
        catch
        {
            listener?.Dispose();
            directory?.Dispose();
            endpointLock.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _arrivals.Remove();
        foreach (PollLoop.Source visitor in _visitors.ToArray())
        {
            Dismiss(visitor);
        }

        // The lock last: until then nobody else can have put a socket here.
        LocalSocket.Remove(_directory, Name);
        _listener.Dispose();
        _directory.Dispose();
        _lock.Dispose();
    }

    private void Accept()
    {
        int socket = Libc.Accept(_listener.Number, Libc.SOCK_NONBLOCK);
        if (socket < 0)
        {
            // Without descriptors it stays readable: asking again at once would be a circle.
            _arrivals.Rest(TimeSpan.FromMilliseconds(100));
            return;
        }

        if (!LocalSocket.IsTrusted(socket, out int pid))
        {
            LogStranger(pid);
            _ = Libc.Close(socket);
            return;
        }

        if (_visitors.Count >= MostVisitors)
        {
            Dismiss(_visitors[0]);
        }

        PollLoop.Source? visitor = null;
        visitor = _loop.Add(socket, Libc.POLLIN, _ => Receive(visitor!));
        _visitors.Add(visitor);
    }

    private void Receive(PollLoop.Source visitor)
    {
        nint length = Libc.ReceiveMessage(visitor.Descriptor, _buffer, Libc.MSG_DONTWAIT, out Libc.ReceivedParts received);
        received.CloseRest();
        if (Libc.ErrorOf(length) == Errno.EAGAIN)
        {
            return;
        }

        // An empty message is no different from the end.
        if (length <= 0 || received.IsTruncated
            || Libc.SendMessage(visitor.Descriptor, [], _answer(_buffer.AsMemory(0, (int)length)), [], Libc.MSG_DONTWAIT) < 0)
        {
            Dismiss(visitor);
        }
    }

    private void Dismiss(PollLoop.Source visitor)
    {
        if (visitor.IsActive)
        {
            visitor.Remove();
            _visitors.Remove(visitor);
            _ = Libc.Close(visitor.Descriptor);
        }
    }

    [LoggerMessage(1321, LogLevel.Warning, "process {Pid} was turned away: only root may talk to the daemon")]
    private partial void LogStranger(int pid);
}
