using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>The kernel's side of a device, played by a test over a socket pair. Nothing in it waits longer than ten seconds.</summary>
internal sealed class FakeKernel : IDisposable
{
    private const int TimeoutMs = 10_000;

    private readonly FileDescriptor _kernel;

    public FakeKernel(IFileSystem fileSystem, int workers, bool isBlocking = true, int sendBuffer = 0)
    {
        (int kernel, int server) = SocketPair.Create(isBlocking);
        _kernel = new FileDescriptor(kernel);
        if (sendBuffer > 0)
        {
            SocketPair.LimitSendBuffer(server, sendBuffer);
        }

        Slots = new RequestSlots(workers);
        Device = new FuseDevice(new FileDescriptor(server));
        Connection = new Connection(Device, Slots, new Dispatcher(fileSystem, Session, Logger), Logger);
        Connection.Start(workers);
    }

    public RequestSlots Slots { get; }

    public FuseDevice Device { get; }

    public SessionParameters Session { get; } = new();

    public ListLogger Logger { get; } = new();

    public Connection Connection { get; }

    public void Send(ReadOnlySpan<byte> request)
    {
        Wait(Libc.POLLOUT);
        Assert.Equal(request.Length, Libc.Write(_kernel.Number, request));
    }

    public byte[] Receive()
    {
        byte[] reply = new byte[RequestSlots.ReplySize + 1];
        Wait(Libc.POLLIN);
        return reply[..(int)Libc.Read(_kernel.Number, reply)];
    }

    public byte[] Exchange(byte[] request)
    {
        Send(request);
        return Receive();
    }

    /// <summary>Whether a reply is there, or comes within a moment.</summary>
    public bool HasReply(int timeoutMs = 100)
    {
        Libc.PollFd poll = new() { Fd = _kernel.Number, Events = Libc.POLLIN };
        return Libc.Poll(new Span<Libc.PollFd>(ref poll), timeoutMs) > 0;
    }

    /// <summary>Closes the kernel's end; the workers read "end of file".</summary>
    public Task<ConnectionEnd> End()
    {
        _kernel.Dispose();
        return Connection.Completion.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs));
    }

    public void Dispose()
    {
        _kernel.Dispose();
        Connection.Dispose();
    }

    private void Wait(short events)
    {
        Libc.PollFd poll = new() { Fd = _kernel.Number, Events = events };
        Assert.True(Libc.Poll(new Span<Libc.PollFd>(ref poll), TimeoutMs) > 0, "the server does not answer");
    }
}
