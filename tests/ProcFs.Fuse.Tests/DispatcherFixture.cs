using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

/// <summary>A dispatcher over a tiny filesystem; the nodes' times are 1,000,000,000.</summary>
internal sealed class DispatcherFixture
{
    private readonly byte[] _reply = new byte[RequestSlots.ReplySize];

    public DispatcherFixture(IFileSystem? fileSystem = null, Action<uint, ulong>? persist = null)
    {
        Session = new SessionParameters { NodeTime = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000), Persist = persist };
        Dispatcher = new Dispatcher(fileSystem ?? FileSystem, Session, Logger);
    }

    public TinyFileSystem FileSystem { get; } = new();

    public SessionParameters Session { get; }

    public ListLogger Logger { get; } = new();

    public Dispatcher Dispatcher { get; }

    /// <summary>The reply to a request; empty when there is none. Stale bytes never help: the buffer is full of 0xcc before.</summary>
    public byte[] Send(byte[] request)
    {
        _reply.AsSpan().Fill(0xcc);
        int length = Dispatcher.Dispatch(request, _reply, 3);
        byte[] reply = _reply[..length];
        if (length > 0)
        {
            Assert.Equal((uint)length, Message.Header(reply).Len);
        }

        return reply;
    }

    /// <summary>The error a request is answered with.</summary>
    public FuseErrno ErrorOf(byte[] request)
    {
        byte[] reply = Send(request);
        Assert.Equal(FuseOutHeader.Size, reply.Length);
        return (FuseErrno)(-Message.Header(reply).Error);
    }
}
