using System.Runtime.InteropServices;
using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Privileges;

/// <summary>
/// The attacher's life: does what its daemon asks for, one after the other, and ends with the daemon, however that ends. It never looks at what is mounted: for that it
/// starts children, as the daemon would.
/// </summary>
internal sealed class AttacherProcess : IDisposable
{
    /// <summary>The descriptor that it is started with.</summary>
    public const int Socket = 3;

    /// <summary>Where the end of a child cannot be waited for (before Linux 5.3) it is asked for so often.</summary>
    private const int AskEveryMs = 50;

    private readonly OwnAttacher _work;
    private readonly FileDescriptor _socket;
    private ChildVerb? _attach;
    private FileDescriptor? _result; // gets the exit code of the attach

    private AttacherProcess(OwnAttacher work, FileDescriptor socket)
    {
        _work = work;
        _socket = socket;
    }

    /// <exception cref="Failure">Nobody has started it who would ask for anything.</exception>
    public static int Run(AttacherPlaces places)
    {
        // Nothing of it may happen after its daemon's end: the next one may be at work by then. The socket was made by that.
        _ = Libc.SignalAtParentsEnd(Libc.SIGKILL);
        if (!Libc.ClaimInherited(Socket) || Libc.PeerCredentials(Socket, out Libc.Credentials daemon) < 0)
        {
            throw new Failure(ExitCode.WrongUse, "attacher is started by procfs serve, and of no use without it");
        }

        if (Libc.ParentProcessId() != daemon.Pid)
        {
            return (int)ExitCode.Done; // it had ended before
        }

        // A daemon that is told to stop needs it until the end, and both may be told at the same time.
        Libc.Ignore(Libc.SIGTERM);
        Libc.Ignore(Libc.SIGINT);
        Libc.Ignore(Libc.SIGHUP);
        using AttacherProcess attacher = new(new OwnAttacher(places), new FileDescriptor(Socket));
        return attacher.Serve();
    }

    /// <summary>One that is running ends by itself.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _result?.Dispose();
    }

    private int Serve()
    {
        Span<byte> buffer = stackalloc byte[AttacherMessage.MostRequest];
        Span<Libc.PollFd> wait = stackalloc Libc.PollFd[2];
        while (true)
        {
            wait[0] = new Libc.PollFd { Fd = _socket.Number, Events = Libc.POLLIN };
            wait[1] = new Libc.PollFd { Fd = _attach?.Descriptor ?? -1, Events = Libc.POLLIN };
            _ = Libc.Poll(_attach is null ? wait[..1] : wait, _attach is { Descriptor: < 0 } ? AskEveryMs : Timeout.Infinite);
            TellEnd();
            if (wait[0].Revents == 0)
            {
                continue;
            }

            Libc.ReceivedParts received = default;
            try
            {
                // What a daemon that is gone asked for last is not done: nobody wants it any more.
                bool isGone = (wait[0].Revents & Libc.POLLHUP) != 0;
                nint length = isGone ? 0 : Libc.ReceiveMessage(_socket.Number, buffer, 0, out received);
                if (length <= 0)
                {
                    return (int)ExitCode.Done;
                }

                Answer(buffer[..(int)length], ref received);
            }
            finally
            {
                received.CloseRest();
            }
        }
    }

    /// <summary>Writes the exit code of an attach that has ended to whoever waits for it.</summary>
    private void TellEnd()
    {
        if (_attach is null || !_attach.HasEnded(out int? exitCode))
        {
            return;
        }

        if (exitCode is { } code)
        {
            _ = Libc.Write(_result!.Number, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in code)));
        }

        _result!.Dispose();
        _attach.Dispose();
        (_attach, _result) = (null, null);
    }

    private void Answer(ReadOnlySpan<byte> request, ref Libc.ReceivedParts received)
    {
        if (!AttacherMessage.TryReadRequest(request, out AttacherOperation operation, out uint number, out string? label))
        {
            Send(-(int)Errno.EPROTO, "the attacher does not understand its daemon: restart the daemon");
            return;
        }

        try
        {
            switch (operation)
            {
                case AttacherOperation.Mount:
                    Mount(received.Take(0), number, label);
                    break;
                case AttacherOperation.DetachPrivate:
                    Send(_work.DetachAll(isPublic: false));
                    break;
                case AttacherOperation.DetachPublic:
                    Send(_work.DetachAll(isPublic: true));
                    break;
                case AttacherOperation.DetachBlindly:
                    _work.DetachBlindly();
                    Send(0);
                    break;
                case AttacherOperation.Bind:
                    string? refusal = _work.Bind();
                    Send(refusal is null ? 0 : -(int)Errno.EIO, refusal ?? "");
                    break;
                case AttacherOperation.Attach:
                    Attach();
                    break;
                case AttacherOperation.DetachContainers:
                    bool isDone = _work.DetachContainers(out int? exitCode, out string? reason);
                    Send(reason is not null ? -(int)Errno.EIO : isDone ? exitCode ?? 0 : AttacherMessage.TooLong, reason ?? "");
                    break;
            }
        }
        catch (FuseException exception)
        {
            Send(-(int)exception.Errno, exception.Message);
        }
        catch (Exception exception) // it would end the attacher
        {
            Send(-(int)Errno.EIO, exception.Message);
        }
    }

    private void Mount(int device, uint maxRead, string? context)
    {
        if (device < 0)
        {
            Send(-(int)Errno.EPROTO, "the attacher was asked to mount, and got no device: restart the daemon");
            return;
        }

        using FuseDevice mounted = FuseDevice.Adopt(device);
        _work.Mount(mounted, maxRead, context);
        Send(0);
    }

    private void Attach()
    {
        if (_attach is not null || Libc.Pipe(out int readEnd, out int writeEnd) < 0)
        {
            Send(-(int)Errno.EBUSY, "the attacher is at it, or can open nothing more");
            return;
        }

        using FileDescriptor told = new(readEnd);
        _result = new FileDescriptor(writeEnd);
        _attach = _work.StartAttach(out string reason);
        if (_attach is null)
        {
            _result.Dispose();
            _result = null;
            Send(-(int)Errno.EAGAIN, reason);
        }
        else if (_attach.Descriptor < 0)
        {
            Send(_attach.Pid, "", readEnd);
        }
        else
        {
            Send(_attach.Pid, "", readEnd, _attach.Descriptor);
        }
    }

    private void Send(int number, string text = "", params ReadOnlySpan<int> descriptors)
        => _ = Libc.SendMessage(_socket.Number, [], AttacherMessage.Answer(number, text), descriptors, 0);
}
