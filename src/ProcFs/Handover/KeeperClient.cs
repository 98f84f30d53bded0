using ProcFs.Interop;

namespace ProcFs.Handover;

/// <summary>
/// A server's side of the talk with the keeper of its run directory. No step waits longer than a second, a goodbye ten. For one
/// thread at a time.
/// </summary>
internal sealed class KeeperClient(string runDirectory) : IDisposable
{
    private readonly byte[] _buffer = new byte[KeeperMessage.MaxSize];
    private int _kept = -1;

    public TimeSpan AnswersWithin { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan EndsWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the keeper that said yes to <see cref="Keep"/> is still there. It is asked nothing: its end of the connection closes with it.
    /// </summary>
    public bool IsConnected
    {
        get
        {
            if (_kept < 0)
            {
                return false;
            }

            // It never speaks unasked: whatever there is to read is the end.
            Libc.PollFd[] look = [new Libc.PollFd { Fd = _kept, Events = Libc.POLLIN }];
            if (Libc.Poll(look, 0) == 0)
            {
                return true;
            }

            Disconnect();
            return false;
        }
    }

    /// <summary>Whether there is a socket that a keeper may listen at.</summary>
    public bool MayBeThere => File.Exists(Path.Combine(runDirectory, KeeperSocket.Name));

    /// <summary>Takes copies of what is kept for a mount. Done: both descriptors are the caller's to close; else -1.</summary>
    /// <param name="mount">Its canonical path.</param>
    /// <param name="device">The open /dev/fuse.</param>
    /// <param name="journal">The memory with the requests in hand.</param>
    public KeeperAnswer Take(string mount, out int device, out int journal)
    {
        KeeperAnswer answer = AskOnce(new KeeperMessage(KeeperMessageKind.Take, mount), KeeperMessageKind.Given, AnswersWithin, out Libc.ReceivedParts received);
        device = answer.IsDone ? received.Take(0) : -1;
        journal = answer.IsDone ? received.Take(1) : -1;
        received.CloseRest();
        return answer;
    }

    /// <summary>
    /// Has copies kept for a mount, as long as that lives. Done: the connection stays open (<see cref="IsConnected"/>). Asking again with
    /// the same two is harmless.
    /// </summary>
    /// <param name="mount">Its canonical path.</param>
    /// <param name="device">The open /dev/fuse; stays the caller's.</param>
    /// <param name="journal">The memory with the requests in hand; stays the caller's.</param>
    public KeeperAnswer Keep(string mount, int device, int journal)
    {
        Disconnect();
        KeeperAnswer answer = Connect(AnswersWithin, out int socket);
        if (!answer.IsDone)
        {
            return answer;
        }

        answer = Ask(socket, new KeeperMessage(KeeperMessageKind.Keep, mount), [device, journal], KeeperMessageKind.Ok, out Libc.ReceivedParts received);
        received.CloseRest();
        if (answer.IsDone)
        {
            _kept = socket;
        }
        else
        {
            _ = Libc.Close(socket);
        }

        return answer;
    }

    /// <summary>A mount ends for good: the keeper lets its readers go, unmounts it and keeps nothing of it; a supervisor ends with it.</summary>
    public KeeperAnswer End(string mount)
    {
        KeeperAnswer answer = AskOnce(new KeeperMessage(KeeperMessageKind.End, mount), KeeperMessageKind.Ok, EndsWithin, out Libc.ReceivedParts received);
        received.CloseRest();
        return answer;
    }

    /// <summary>What it keeps: one line for each mount.</summary>
    public KeeperAnswer List()
    {
        KeeperAnswer answer = AskOnce(new KeeperMessage(KeeperMessageKind.List, ""), KeeperMessageKind.Listed, AnswersWithin, out Libc.ReceivedParts received);
        received.CloseRest();
        return answer;
    }

    /// <summary>Closes the connection. The keeper keeps what it has.</summary>
    public void Dispose() => Disconnect();

    private KeeperAnswer AskOnce(KeeperMessage request, KeeperMessageKind expected, TimeSpan within, out Libc.ReceivedParts received)
    {
        received = default;
        KeeperAnswer answer = Connect(within, out int socket);
        if (answer.IsDone)
        {
            answer = Ask(socket, request, [], expected, out received);
            _ = Libc.Close(socket);
        }

        return answer;
    }

    private KeeperAnswer Connect(TimeSpan within, out int socket)
    {
        socket = -1;
        using FileDescriptor? directory = FileDescriptor.Open(runDirectory, Libc.O_PATH | Libc.O_DIRECTORY, out Errno error);
        if (directory is null)
        {
            return new KeeperAnswer(KeeperOutcome.NoKeeper, $"cannot open {runDirectory}: {Libc.Describe(error)}");
        }

        int opened = Libc.LocalSocket(Libc.SOCK_SEQPACKET);
        if (opened < 0)
        {
            return new KeeperAnswer(KeeperOutcome.NoAnswer, $"cannot make a socket: {Libc.Describe(Libc.ErrorOf(opened))}");
        }

        _ = Libc.SetSocketTimeout(opened, within);
        error = Libc.ErrorOf(Libc.Connect(opened, LocalSocket.Address(runDirectory, directory, KeeperSocket.Name)));
        if (error == Errno.None && LocalSocket.IsTrusted(opened, out _))
        {
            socket = opened;
            return new KeeperAnswer(KeeperOutcome.Done, "");
        }

        _ = Libc.Close(opened);
        return error switch
        {
            Errno.ENOENT or Errno.ECONNREFUSED => new KeeperAnswer(KeeperOutcome.NoKeeper, $"no keeper listens in {runDirectory}"),
            Errno.None => new KeeperAnswer(KeeperOutcome.NoAnswer, $"whoever listens on {runDirectory}/{KeeperSocket.Name} is not root"),
            _ => new KeeperAnswer(KeeperOutcome.NoAnswer, $"the keeper in {runDirectory} cannot be reached: {Libc.Describe(error)}"),
        };
    }

    private KeeperAnswer Ask(int socket, KeeperMessage request, ReadOnlySpan<int> descriptors, KeeperMessageKind expected, out Libc.ReceivedParts received)
    {
        received = default;
        nint sent = Libc.SendMessage(socket, [], _buffer.AsSpan(0, request.Encode(_buffer)), descriptors, 0);
        if (sent < 0)
        {
            return new KeeperAnswer(KeeperOutcome.NoAnswer, $"the keeper in {runDirectory} {(Libc.ErrorOf(sent) == Errno.EAGAIN ? "does not read what it is sent" : "cannot be spoken to: " + Libc.Describe(Libc.ErrorOf(sent)))}");
        }

        nint length = Libc.ReceiveMessage(socket, _buffer, 0, out received);
        if (length <= 0)
        {
            string how = length == 0 ? "hung up" : Libc.ErrorOf(length) == Errno.EAGAIN ? "does not answer" : "does not answer: " + Libc.Describe(Libc.ErrorOf(length));
            return new KeeperAnswer(KeeperOutcome.NoAnswer, $"the keeper in {runDirectory} {how}");
        }

        int due = expected == KeeperMessageKind.Given ? 2 : 0;
        KeeperMessageDefect defect = KeeperMessage.Decode(_buffer.AsSpan(0, (int)length), out KeeperMessage reply);
        return defect switch
        {
            KeeperMessageDefect.None when !received.IsTruncated && reply.Kind == expected && received.Count == due => new KeeperAnswer(KeeperOutcome.Done, reply.Text),
            KeeperMessageDefect.None when reply.Kind == KeeperMessageKind.Nothing => new KeeperAnswer(KeeperOutcome.Nothing, ""),
            KeeperMessageDefect.None when reply.Kind == KeeperMessageKind.Error => new KeeperAnswer(KeeperOutcome.Refused, reply.Text),
            _ => new KeeperAnswer(KeeperOutcome.NoAnswer, $"the keeper in {runDirectory} gave an answer that makes no sense"),
        };
    }

    private void Disconnect()
    {
        if (_kept >= 0)
        {
            _ = Libc.Close(_kept);
            _kept = -1;
        }
    }
}
