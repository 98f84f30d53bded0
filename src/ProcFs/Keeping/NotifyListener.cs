using System.Globalization;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>The manager's side of sd_notify(3): a socket with an abstract name, on which one process alone is heard.</summary>
internal sealed class NotifyListener : IDisposable
{
    private const int MaxMessage = 4096;

    private readonly byte[] _buffer = new byte[MaxMessage];
    private readonly FileDescriptor _socket;

    private NotifyListener(FileDescriptor socket, string address)
    {
        _socket = socket;
        Address = address;
    }

    /// <summary>The value of NOTIFY_SOCKET for the process that is to be heard.</summary>
    public string Address { get; }

    /// <summary>Readable when there is a message. Valid until disposal.</summary>
    public int Descriptor => _socket.Number;

    /// <exception cref="Failure">There is no socket to be had.</exception>
    public static NotifyListener Open()
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"@procfs-supervise/{Environment.ProcessId}/{Guid.NewGuid():N}");
        FileDescriptor socket = new(Libc.LocalSocket(Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK));
        int result = Libc.PassCredentials(socket.Number);
        result = result < 0 ? result : Libc.Bind(socket.Number, NotifyAddress.Parse(address));
        if (result < 0)
        {
            socket.Dispose();
            throw new Failure(ExitCode.Failed, $"cannot make a socket to hear the server on: {Libc.Describe(Libc.ErrorOf(result))}");
        }

        return new NotifyListener(socket, address);
    }

    /// <summary>Takes the next message; false when there is none. One that is not heard says nothing.</summary>
    /// <param name="pid">Whoever is heard; 0: nobody.</param>
    /// <param name="message">What it said.</param>
    /// <param name="descriptor">The one descriptor that came with it, the caller's to close; -1: none, or more than one.</param>
    public bool TryReceive(int pid, out NotifyMessage message, out int descriptor)
    {
        descriptor = -1;
        message = default;
        nint length = Libc.ReceiveMessage(_socket.Number, _buffer, Libc.MSG_DONTWAIT, out Libc.ReceivedParts received);
        if (length < 0)
        {
            return false;
        }

        if (pid > 0 && received.Sender.Pid == pid && !received.IsTruncated)
        {
            message = NotifyMessage.Parse(_buffer.AsSpan(0, (int)length));
            descriptor = received.Count == 1 ? received.Take(0) : -1;
        }

        received.CloseRest();
        return true;
    }

    public void Dispose() => _socket.Dispose();
}
