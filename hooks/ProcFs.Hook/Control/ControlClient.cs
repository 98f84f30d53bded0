using System.Diagnostics;
using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Hook.Control;

/// <summary>
/// Asks the daemon of a run directory. All requests together take no longer than the time given, or each of them: a daemon that is stopped delays nobody.
/// After one that failed nothing more is asked. For one thread at a time.
/// </summary>
public sealed class ControlClient : IDisposable
{
    private const int RetryMs = 5;

    private readonly string _path;
    private readonly TimeSpan _within;
    private readonly bool _isForEach;
    private long _start = Stopwatch.GetTimestamp();
    private int _socket = -1;
    private ControlReply? _failure;

    /// <summary>Connects with the first request.</summary>
    /// <param name="runDirectory">Of the daemon.</param>
    /// <param name="within">How long all requests may take together.</param>
    /// <param name="isForEach">That time is for each of them: for those who have much to do between.</param>
    public ControlClient(string runDirectory, TimeSpan within, bool isForEach = false)
        => (_path, _within, _isForEach) = (RunDirectory.ControlSocket(runDirectory), within, isForEach);

    /// <summary>Sends one request and waits for its answer.</summary>
    public ControlReply Ask(ControlRequest request)
    {
        _start = _isForEach ? Stopwatch.GetTimestamp() : _start;
        if (Send(request) is { } unsent)
        {
            return unsent;
        }

        nint result;
        byte[] answer = new byte[ControlMessage.MostBytes];
        Libc.ReceivedParts received;
        while ((result = Libc.ReceiveMessage(_socket, answer, Libc.MSG_DONTWAIT, out received)) == -(nint)Errno.EAGAIN && Wait(Libc.POLLIN))
        {
        }

        received.CloseRest();
        if (result <= 0)
        {
            return _failure = result == 0 ? new ControlReply(null, $"the daemon at {_path} hung up") : Failed(Libc.ErrorOf(result), "does not answer");
        }

        string defect = "it is too long";
        return !received.IsTruncated && ControlMessage.TryParse(answer.AsSpan(0, (int)result), out ControlAnswer parsed, out defect)
            ? new ControlReply(parsed)
            : _failure = new ControlReply(null, $"the answer of the daemon at {_path} cannot be understood: {defect}");
    }

    /// <summary>
    /// Sends one request whose answer nobody needs, as the last of this connection: the daemon reads it when it has time, also after the connection was closed.
    /// </summary>
    public void Tell(ControlRequest request)
    {
        if (Send(request) is null)
        {
            _failure = new ControlReply(null, $"the answer of the daemon at {_path} was not waited for");
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        if (_socket >= 0)
        {
            _ = Libc.Close(_socket);
            _socket = -1;
        }
    }

    /// <summary>Null when it was sent.</summary>
    private ControlReply? Send(ControlRequest request)
    {
        if (_failure is not null)
        {
            return _failure;
        }

        if ((_socket < 0 ? Connect() : null) is { } unreachable)
        {
            return _failure = unreachable;
        }

        nint result;
        byte[] packet = ControlMessage.Format(request);
        while ((result = Libc.SendMessage(_socket, [], packet, [], Libc.MSG_DONTWAIT)) == -(nint)Errno.EAGAIN && Wait(Libc.POLLOUT))
        {
        }

        return result < 0 ? _failure = Failed(Libc.ErrorOf(result), "does not read what it is sent") : null;
    }

    /// <summary>Null when there is a connection, to root.</summary>
    private ControlReply? Connect()
    {
        _socket = Libc.LocalSocket(Libc.SOCK_SEQPACKET | Libc.SOCK_NONBLOCK);
        if (_socket < 0)
        {
            return new ControlReply(null, $"cannot make a socket: {Libc.Describe(Libc.ErrorOf(_socket))}");
        }

        int result;
        byte[] name = Libc.PathBytes(_path);
        // EAGAIN: more wait to be let in than there is room for. The kernel tells nobody when there is again.
        while ((result = Libc.Connect(_socket, name)) == -(int)Errno.EAGAIN && Pause())
        {
        }

        return Libc.ErrorOf(result) switch
        {
            Errno.None when Libc.PeerCredentials(_socket, out Libc.Credentials peer) != 0 || (peer.Uid != 0 && peer.Uid != Libc.EffectiveUserId())
                => new ControlReply(null, $"whoever listens at {_path} is not root"),
            Errno.None => null,
            Errno.ENOENT or Errno.ECONNREFUSED => new ControlReply(null, $"no daemon listens at {_path}", IsAbsent: true),
            Errno error => Failed(error, "lets nobody in"),
        };
    }

    private ControlReply Failed(Errno error, string whenLate) => new(null, error == Errno.EAGAIN
        ? string.Create(CultureInfo.InvariantCulture, $"the daemon at {_path} {whenLate} within {_within.TotalMilliseconds:0} ms")
        : $"the daemon at {_path} cannot be reached: {Libc.Describe(error)}");

    private bool Wait(short events)
    {
        Span<Libc.PollFd> look = [new Libc.PollFd { Fd = _socket, Events = events }];
        int left = LeftMs();
        return left > 0 && Libc.Poll(look, left) > 0;
    }

    private bool Pause()
    {
        int left = LeftMs();
        _ = Libc.Poll([], Math.Min(left, RetryMs));
        return left > 0;
    }

    private int LeftMs() => (int)Math.Clamp(Math.Ceiling((_within - Stopwatch.GetElapsedTime(_start)).TotalMilliseconds), 0, int.MaxValue);
}
