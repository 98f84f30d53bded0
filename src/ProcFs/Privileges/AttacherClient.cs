using System.Runtime.InteropServices;
using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Privileges;

/// <summary>The daemon's end of its attacher.</summary>
internal sealed class AttacherClient : IAttacher
{
    // Nothing that it does takes longer than taking the files out of containers.
    private static readonly TimeSpan AnswersWithin = AttachVerbs.DetachWithin + TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new(); // one request at a time
    private readonly FileDescriptor _socket;
    private readonly ChildVerb _process;
    private bool _isEnded;

    /// <param name="socket">Our end; disposed here.</param>
    /// <param name="pid">The attacher, a child of this process.</param>
    /// <param name="whyNotSeparate">Why threads of this process have more than they need; null: they have not.</param>
    public AttacherClient(FileDescriptor socket, int pid, string? whyNotSeparate = null)
    {
        WhyNotSeparate = whyNotSeparate;
        _socket = socket;
        _process = ChildVerb.Of(pid);
        _ = Libc.SetSocketTimeout(socket.Number, AnswersWithin);
    }

    public string? WhyNotSeparate { get; }

    public bool IsThere
    {
        get
        {
            if (!_lock.TryEnter())
            {
                return true; // somebody waits for its answer, and will see; who gives signs of life does not wait
            }

            try
            {
                Libc.PollFd end = new() { Fd = _socket.Number };
                bool isThere = !_isEnded && Libc.Poll(new Span<Libc.PollFd>(ref end), 0) <= 0; // POLLHUP
                if (!isThere)
                {
                    _ = _process.HasEnded(out _); // asked for, so that it is no zombie
                }

                return isThere;
            }
            finally
            {
                _lock.Exit();
            }
        }
    }

    public void Mount(FuseDevice device, uint maxRead, string? context) => Demand(AttacherMessage.Request(AttacherOperation.Mount, maxRead, context ?? ""), device.Number);

    public int DetachAll(bool isPublic) => Demand(AttacherMessage.Request(isPublic ? AttacherOperation.DetachPublic : AttacherOperation.DetachPrivate));

    public void DetachBlindly() => _ = Ask(AttacherMessage.Request(AttacherOperation.DetachBlindly), [], out _, out _);

    public string? Bind() => Ask(AttacherMessage.Request(AttacherOperation.Bind), [], out string text, out _) < 0 ? text : null;

    public IAttachRun? Attach(out string reason)
    {
        int pid = Ask(AttacherMessage.Request(AttacherOperation.Attach), [], out reason, out Libc.ReceivedParts received);
        if (pid > 0 && received.Take(0) is >= 0 and int result)
        {
            return new Run(new FileDescriptor(result), received.Take(1));
        }

        received.CloseRest();
        return null;
    }

    public bool DetachContainers(out int? exitCode, out string? reason)
    {
        int number = Ask(AttacherMessage.Request(AttacherOperation.DetachContainers), [], out string text, out _);
        exitCode = number >= 0 ? number : null;
        reason = number is < 0 and not AttacherMessage.TooLong ? text : null;
        return number != AttacherMessage.TooLong;
    }

    /// <summary>It ends when our end is closed. Waited for, so that nothing of the daemon is left behind it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnded = true;
            _socket.Dispose();
            _ = _process.WaitForEnd(EndsWithin, out _);
            _process.Dispose();
        }
    }

    private int Demand(byte[] request, params ReadOnlySpan<int> descriptors)
    {
        int number = Ask(request, descriptors, out string text, out _);
        return number >= 0 ? number : throw new FuseException(text, (FuseErrno)(-number));
    }

    /// <summary>The number of the answer; negative: why not is in the text.</summary>
    private int Ask(byte[] request, ReadOnlySpan<int> descriptors, out string text, out Libc.ReceivedParts received)
    {
        received = default;
        lock (_lock)
        {
            if (_isEnded)
            {
                text = Gone("has ended");
                return -(int)Errno.ECONNREFUSED;
            }

            byte[] buffer = new byte[AttacherMessage.MostAnswer];
            nint result = Libc.SendMessage(_socket.Number, [], request, descriptors, 0);
            result = result < 0 ? result : Libc.ReceiveMessage(_socket.Number, buffer, 0, out received);
            if (result > 0 && AttacherMessage.TryReadAnswer(buffer.AsSpan(0, (int)result), out int number, out text))
            {
                return number;
            }

            received.CloseRest();
            // An answer that comes after all would be taken for that to the next request.
            _isEnded = true;
            _socket.Dispose();
            Errno error = result == 0 ? Errno.ECONNREFUSED : Libc.ErrorOf(result);
            text = Gone(error == Errno.EAGAIN ? "does not answer" : "has ended");
            return -(int)error;
        }
    }

    private string Gone(string how) => $"the daemon's attacher, process {_process.Pid}, {how}: restart the daemon";

    /// <summary>An attach that the attacher has started.</summary>
    private sealed class Run(FileDescriptor result, int pidfd) : IAttachRun
    {
        private int _pidfd = pidfd;

        public int? WaitForEnd()
        {
            int exitCode = 0;
            return Libc.Read(result.Number, MemoryMarshal.AsBytes(new Span<int>(ref exitCode))) == sizeof(int) ? exitCode : null;
        }

        public void Kill()
        {
            if (_pidfd >= 0)
            {
                _ = Libc.PidfdSendSignal(_pidfd, Libc.SIGKILL);
            }
        }

        public void Dispose()
        {
            result.Dispose();
            if (Interlocked.Exchange(ref _pidfd, -1) is >= 0 and int open)
            {
                _ = Libc.Close(open);
            }
        }
    }
}
