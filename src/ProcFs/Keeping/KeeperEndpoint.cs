using Microsoft.Extensions.Logging;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>
/// The socket that servers talk to. Nobody can make it wait: nothing blocks, an answer that cannot be sent at once ends the
/// connection, and so does silence, unless the connection has registered a server.
/// </summary>
internal sealed partial class KeeperEndpoint : IDisposable
{
    /// <summary>Connections that have not registered anything; one more ends the oldest of them.</summary>
    public const int MostUnregistered = 32;

    private static readonly TimeSpan SpeaksWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(30);

    private readonly KeeperLock _lock;
    private readonly FileDescriptor _directory;
    private readonly FileDescriptor _listener;
    private readonly PollLoop _loop;
    private readonly IKeeperRequests _requests;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly byte[] _buffer = new byte[KeeperMessage.MaxSize];
    private readonly List<KeeperVisitor> _visitors = []; // oldest first
    private PollLoop.Source? _arrivals;

    private KeeperEndpoint(KeeperLock keeperLock, FileDescriptor directory, FileDescriptor listener, PollLoop loop, IKeeperRequests requests, TimeProvider time, ILogger logger)
    {
        _lock = keeperLock;
        _directory = directory;
        _listener = listener;
        _loop = loop;
        _requests = requests;
        _time = time;
        _logger = logger;
        _arrivals = loop.Add(listener.Number, Libc.POLLIN, _ => Accept());
    }

    /// <summary>How many are connected.</summary>
    public int Visitors => _visitors.Count;

    /// <summary>Takes the run directory's lock and listens. A socket that a killed keeper left behind is replaced: with the lock held it is nobody's.</summary>
    /// <exception cref="Failure">Another keeper has the run directory, or that cannot be used.</exception>
    public static KeeperEndpoint Open(string runDirectory, PollLoop loop, IKeeperRequests requests, TimeProvider time, ILogger logger)
    {
        KeeperLock keeperLock = KeeperLock.Take(runDirectory);
        FileDescriptor? directory = null;
        FileDescriptor? listener = null;
        try
        {
            directory = FileDescriptor.Open(runDirectory, Libc.O_PATH | Libc.O_DIRECTORY, out Errno error)
                ?? throw new Failure(ExitCode.Failed, $"cannot open {runDirectory}: {Libc.Describe(error)}; choose another run directory with --run-dir");
            listener = LocalSocket.Listen(runDirectory, directory, KeeperSocket.Name);
            return new KeeperEndpoint(keeperLock, directory, listener, loop, requests, time, logger);
        }
        catch
        {
            listener?.Dispose();
            directory?.Dispose();
            keeperLock.Dispose();
            throw;
        }
    }

    /// <summary>Ends the connections that have been silent for too long. To be called about every second.</summary>
    public void Sweep()
    {
        // Again, if there were no descriptors left when somebody came.
        _arrivals ??= _loop.Add(_listener.Number, Libc.POLLIN, _ => Accept());
        long now = _time.NowNs();
        for (int i = _visitors.Count - 1; i >= 0; i--)
        {
            KeeperVisitor visitor = _visitors[i];
            TimeSpan patience = visitor.IsWaiting ? EndsWithin : SpeaksWithin;
            if (visitor.RegisteredMount is null && now - visitor.SpokeNs > patience.ToNs())
            {
                Dismiss(visitor);
            }
        }
    }

    public void Dispose()
    {
        _arrivals?.Remove();
        for (int i = _visitors.Count - 1; i >= 0; i--)
        {
            Dismiss(_visitors[i]);
        }

        // The lock last: until then nobody else can have put a socket here.
        LocalSocket.Remove(_directory, KeeperSocket.Name);
        _listener.Dispose();
        _directory.Dispose();
        _lock.Dispose();
    }

    private void Accept()
    {
        int socket = Libc.Accept(_listener.Number, Libc.SOCK_NONBLOCK);
        if (socket < 0)
        {
            if (Libc.ErrorOf(socket) is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM)
            {
                // It stays readable: asking again at once would be a circle.
                _arrivals?.Remove();
                _arrivals = null;
            }

            return;
        }

        if (!LocalSocket.IsTrusted(socket, out int pid))
        {
            LogStranger(pid);
            _ = Libc.Close(socket);
            return;
        }

        if (_visitors.Count(visitor => visitor.RegisteredMount is null) >= MostUnregistered)
        {
            Dismiss(_visitors.First(visitor => visitor.RegisteredMount is null));
        }

        KeeperVisitor arrived = new(socket, pid, _time.NowNs());
        arrived.Source = _loop.Add(socket, Libc.POLLIN, _ => Receive(arrived));
        _visitors.Add(arrived);
    }

    private void Receive(KeeperVisitor visitor)
    {
        nint length = Libc.ReceiveMessage(visitor.Socket, _buffer, Libc.MSG_DONTWAIT, out Libc.ReceivedParts received);
        if (Libc.ErrorOf(length) == Errno.EAGAIN)
        {
            return;
        }

        // An empty message is no different from the end, but for what it may carry.
        bool isMessage = length > 0 && !received.IsTruncated;
        KeeperMessageDefect defect = KeeperMessageDefect.Foreign;
        KeeperMessage request = default;
        if (isMessage)
        {
            defect = KeeperMessage.Decode(_buffer.AsSpan(0, (int)length), out request);
        }

        visitor.SpokeNs = _time.NowNs();
        switch (defect)
        {
            case KeeperMessageDefect.None:
                Handle(visitor, request, ref received);
                break;
            case KeeperMessageDefect.OtherVersion or KeeperMessageDefect.UnknownKind:
                Reply(visitor, new KeeperMessage(KeeperMessageKind.Error, "this keeper speaks version 1"), []);
                break;
            default:
                if (length != 0)
                {
                    LogNonsense(visitor.Pid);
                }

                Dismiss(visitor);
                break;
        }

        received.CloseRest();
    }

    private void Handle(KeeperVisitor visitor, KeeperMessage request, ref Libc.ReceivedParts received)
    {
        int due = request.Kind == KeeperMessageKind.Keep ? 2 : 0;
        string? fault = received.Count != due ? $"{due} descriptors come with this message, not {received.Count}"
            : request.Kind != KeeperMessageKind.List && !KeeperMessage.IsMount(request.Text) ? "a mount is an absolute path of at most 1024 bytes"
            : null;
        if (fault is not null)
        {
            Reply(visitor, new KeeperMessage(KeeperMessageKind.Error, fault), []);
            return;
        }

        switch (request.Kind)
        {
            case KeeperMessageKind.Keep:
                Register(visitor, request.Text, received.Take(0), received.Take(1));
                break;
            case KeeperMessageKind.Take when _requests.TryGet(request.Text, out int device, out int journal):
                Reply(visitor, new KeeperMessage(KeeperMessageKind.Given, request.Text), [device, journal]);
                break;
            case KeeperMessageKind.Take:
                Reply(visitor, new KeeperMessage(KeeperMessageKind.Nothing, ""), []);
                break;
            case KeeperMessageKind.End:
                visitor.IsWaiting = true;
                _requests.End(request.Text, failure =>
                {
                    visitor.IsWaiting = false;
                    Reply(visitor, Outcome(failure), []);
                });
                break;
            case KeeperMessageKind.List:
                Reply(visitor, new KeeperMessage(KeeperMessageKind.Listed, _requests.List()), []);
                break;
            default:
                // An answer, where only questions come.
                Reply(visitor, new KeeperMessage(KeeperMessageKind.Error, "this keeper speaks version 1"), []);
                break;
        }
    }

    private void Register(KeeperVisitor visitor, string mount, int device, int journal)
    {
        string? failure = _requests.Keep(mount, device, journal);
        if (failure is null)
        {
            // A mount has one server: an earlier connection is that of an earlier one.
            if (_visitors.Find(other => other != visitor && other.RegisteredMount == mount) is { } earlier)
            {
                Dismiss(earlier);
            }

            visitor.RegisteredMount = mount;
        }
        else
        {
            LogRefused(visitor.Pid, failure);
        }

        Reply(visitor, Outcome(failure), []);
    }

    private static KeeperMessage Outcome(string? failure)
        => failure is null ? new KeeperMessage(KeeperMessageKind.Ok, "") : new KeeperMessage(KeeperMessageKind.Error, failure);

    private void Reply(KeeperVisitor visitor, KeeperMessage reply, ReadOnlySpan<int> descriptors)
    {
        if (visitor.Source is { IsActive: true }
            && Libc.SendMessage(visitor.Socket, [], _buffer.AsSpan(0, reply.Encode(_buffer)), descriptors, Libc.MSG_DONTWAIT) < 0)
        {
            Dismiss(visitor);
        }
    }

    private void Dismiss(KeeperVisitor visitor)
    {
        if (visitor.Source is { IsActive: true })
        {
            visitor.Source.Remove();
            _visitors.Remove(visitor);
            _ = Libc.Close(visitor.Socket);
        }
    }

    [LoggerMessage(1551, LogLevel.Warning, "process {Pid} was turned away: only root may talk to a keeper")]
    private partial void LogStranger(int pid);

    [LoggerMessage(1552, LogLevel.Warning, "process {Pid} sent something that is no message to a keeper")]
    private partial void LogNonsense(int pid);

    [LoggerMessage(1553, LogLevel.Warning, "what process {Pid} wants kept is not kept: {Reason}")]
    private partial void LogRefused(int pid, string reason);
}
