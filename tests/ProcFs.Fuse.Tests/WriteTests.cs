using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

/// <summary>The few files that take a line, and tell by poll(2) what has come of it.</summary>
public class WriteTests
{
    private const ulong Node = 7; // can be written; no other can

    private readonly Lines _files = new();
    private readonly DispatcherFixture _fixture;

    public WriteTests() => _fixture = new DispatcherFixture(_files);

    [Fact]
    public void What_is_written_is_taken_whole()
    {
        byte[] request = Hex.Bytes("""
            55000000 10000000 // len 85, WRITE
            0200000000000000  // unique 2
            0700000000000000  // node
            00000000 00000000 4d000000 00000000
            0800000000000000  // fh
            0010000000000000  // offset
            05000000 00000000 // size, flags
            0000000000000000 00000000 00000000
            736f6d6500        // "some", NUL
            """);
        Assert.Equal(
            Hex.Bytes("""
                18000000 00000000 // len 24, no error
                0200000000000000  // unique 2
                05000000 00000000 // size
                """),
            _fixture.Send(request));
        Assert.Equal((8ul, "some\0"), _files.Last);
    }

    [Fact]
    public void A_size_that_is_not_that_of_what_follows_is_EINVAL()
    {
        byte[] request = Message.Write(Node, 8, "some"u8);
        request[FuseInHeader.Size + 16]++;
        Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(request));
        Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_WRITE, Node, new byte[39])));
        Assert.Null(_files.Last.Text);
    }

    [Fact]
    public void Other_files_are_not_written_to()
    {
        Assert.Equal(FuseErrno.EROFS, _fixture.ErrorOf(Message.Write(2, 8, "some"u8)));
        Assert.Null(_files.Last.Text);
    }

    [Fact]
    public void What_the_filesystem_refuses_is_refused() => Assert.Equal(FuseErrno.EBUSY, _fixture.ErrorOf(Message.Write(Node, 9, "some"u8)));

    [Theory]
    [InlineData(1u)]     // O_WRONLY
    [InlineData(2u)]     // O_RDWR
    [InlineData(0x202u)] // O_RDWR, O_TRUNC
    public void It_is_opened_for_writing(uint flags)
    {
        byte[] request = Message.Request(FuseOpcode.FUSE_OPEN, Node, Message.Body(new FuseOpenIn { Flags = flags }));
        Assert.Equal(TinyFileSystem.Handle, Message.Payload<FuseOpenOut>(_fixture.Send(request)).Fh);
    }

    [Fact]
    public void Its_size_can_be_given_and_stays_what_it_is()
    {
        FuseSetattrIn set = new() { Valid = FuseSetattrIn.SetsSize, Size = 77 };
        FuseAttrOut reply = Message.Payload<FuseAttrOut>(_fixture.Send(Message.Request(FuseOpcode.FUSE_SETATTR, Node, Message.Body(set))));
        Assert.Equal((Node, 4096ul, 0x81b6u), (reply.Attr.Ino, reply.Attr.Size, reply.Attr.Mode));
    }

    [Theory]
    [InlineData(Node, 0x1u)]       // chmod
    [InlineData(Node, 0xeu)]       // chown, and a size
    [InlineData(Node, 0x20u)]      // utimes
    [InlineData(2ul, 0x8u)]        // the size of a file that is not written to
    public void Nothing_else_can_be_set(ulong node, uint valid)
        => Assert.Equal(FuseErrno.EPERM, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_SETATTR, node, Message.Body(new FuseSetattrIn { Valid = valid }))));

    [Fact]
    public void What_it_is_ready_for_is_asked_by_the_kernels_handle()
    {
        FusePollIn poll = new() { Fh = 8, Kh = 5, Flags = 1, Events = 2 };
        Assert.Equal(0x147u, Message.Payload<FusePollOut>(_fixture.Send(Message.Request(FuseOpcode.FUSE_POLL, Node, Message.Body(poll)))).Revents);
        Assert.Equal((8ul, 5ul), _files.Polled);
    }

    [Fact]
    public void ENOSYS_which_the_kernel_would_remember_is_never_the_answer_to_a_poll()
    {
        FusePollIn poll = new() { Fh = 9, Kh = 5 };
        Assert.Equal(0x145u, Message.Payload<FusePollOut>(_fixture.Send(Message.Request(FuseOpcode.FUSE_POLL, Node, Message.Body(poll)))).Revents);
    }

    private sealed class Lines : TinyFileSystem, IFileSystem
    {
        public (ulong Handle, string? Text) Last { get; private set; }

        public (ulong Handle, ulong PollHandle) Polled { get; private set; }

        public bool IsWritable(in RequestContext context) => context.NodeId == Node;

        public override FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
        {
            reply = new OpenReply(Handle, OpenReplyFlags.DirectIo);
            return FuseErrno.None;
        }

        public override FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes)
        {
            attributes = new NodeAttributes(context.NodeId, NodeKind.RegularFile, NodeAttributes.WritableByAll, 4096);
            return FuseErrno.None;
        }

        public FuseErrno Write(in RequestContext context, ulong handle, ReadOnlySpan<byte> data)
        {
            Last = (handle, System.Text.Encoding.ASCII.GetString(data));
            return handle == 9 ? FuseErrno.EBUSY : FuseErrno.None;
        }

        public FuseErrno Poll(in RequestContext context, ulong handle, ulong pollHandle, out PollEvents events)
        {
            Polled = (handle, pollHandle);
            events = PollEvents.Default | PollEvents.Priority;
            return handle == 9 ? FuseErrno.ENOSYS : FuseErrno.None;
        }
    }
}
