using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>A journal and a socket pair for a device: sessions can be left and taken over within the test.</summary>
internal sealed class RecoveryFixture : IDisposable
{
    private readonly FileDescriptor _kernel;
    private readonly int _server;
    private readonly List<Connection> _connections = [];

    public RecoveryFixture()
    {
        (int kernel, _server) = SocketPair.Create(isBlocking: true);
        _kernel = new FileDescriptor(kernel);
        Slots = new RequestSlots(Journal);
    }

    public Journal Journal { get; } = Journal.Create("/mnt", 1, 0);

    public RequestSlots Slots { get; }

    public ListLogger Logger { get; } = new();

    public TinyFileSystem FileSystem { get; } = new();

    /// <summary>The next server; the one before is left as it is, as if it were dead.</summary>
    public Connection Next(IFileSystem? fileSystem = null)
    {
        FuseDevice device = FuseDevice.Adopt(SocketPair.Duplicate(_server));
        Connection connection = new(device, new RequestSlots(Journal), new Dispatcher(fileSystem ?? FileSystem, Journal.CreateSession(), Logger), Logger);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>A request as a dead server leaves it.</summary>
    public unsafe void Plant(int slot, ReadOnlySpan<byte> request)
    {
        Span<byte> memory = new(Slots.Request(slot), RequestSlots.RequestSize);
        memory.Fill(0xcc); // left of the one before
        request.CopyTo(memory);
    }

    public void Send(ReadOnlySpan<byte> request) => Assert.Equal(request.Length, Libc.Write(_kernel.Number, request));

    public byte[] Receive()
    {
        Assert.True(HasReply(10_000), "the server does not answer");
        byte[] reply = new byte[RequestSlots.ReplySize + 1];
        return reply[..(int)Libc.Read(_kernel.Number, reply)];
    }

    public bool HasReply(int timeoutMs = 0)
    {
        Libc.PollFd poll = new() { Fd = _kernel.Number, Events = Libc.POLLIN };
        return Libc.Poll(new Span<Libc.PollFd>(ref poll), timeoutMs) > 0;
    }

    public bool IsBlocking => Libc.IsBlocking(_server) == 1;

    public void SetBlocking(bool isBlocking) => Assert.Equal(0, Libc.SetBlocking(_server, isBlocking));

    /// <summary>Closes the kernel's end.</summary>
    public void End() => _kernel.Dispose();

    public void Dispose()
    {
        _kernel.Dispose();
        foreach (Connection connection in _connections)
        {
            connection.Dispose();
        }

        _ = Libc.Close(_server);
        Slots.Dispose();
        Journal.Dispose();
    }
}
