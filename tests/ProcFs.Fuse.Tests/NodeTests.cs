using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class NodeTests
{
    private readonly DispatcherFixture _fixture = new();

    [Fact]
    public void Lookup_of_a_file_is_answered_with_these_bytes()
    {
        byte[] reply = _fixture.Send(Hex.Bytes("""
            30000000 01000000          // len 48, LOOKUP
            0400000000000080           // unique 4, resent (bit 63)
            0100000000000000           // nodeid 1
            e8030000 e9030000 39300000 // uid 1000, gid 1001, pid 12345
            0000 0000                  // total_extlen, padding
            6d656d696e666f 00          // "meminfo", NUL
            """));
        Assert.Equal(
            Hex.Bytes("""
                90000000 00000000 // len 144, no error
                0400000000000080  // unique with its bit 63
                0200000000000000  // nodeid 2
                0100000000000000  // generation 1
                100e000000000000  // entry_valid 3600 s
                100e000000000000  // attr_valid 3600 s
                00000000 00000000 // nanoseconds
                0200000000000000  // ino 2
                0000000000000000  // size 0
                0000000000000000  // blocks 0
                00ca9a3b00000000  // atime 1,000,000,000
                00ca9a3b00000000  // mtime
                00ca9a3b00000000  // ctime
                00000000 00000000 00000000
                24810000          // mode 0100444
                01000000          // nlink 1
                00000000 00000000 // uid, gid
                00000000          // rdev
                00100000          // blksize 4096
                00000000          // flags
                """),
            reply);
        RequestContext context = _fixture.FileSystem.LastContext;
        Assert.Equal((4ul, true, 1ul, 12345u, 1000u, 1001u, 3),
            (context.UniqueId, context.IsResent, context.NodeId, context.ThreadId, context.Uid, context.Gid, context.WorkerIndex));
        Assert.Equal((1ul << 63) + 4, context.Unique);
    }

    [Fact]
    public void Lookup_of_an_absent_name_is_ENOENT_and_not_a_cached_absence()
        => Assert.Equal(Message.Error(FuseErrno.ENOENT), _fixture.Send(Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name("nothing"))));

    [Fact]
    public void Lookup_below_a_file_is_what_the_filesystem_says()
        => Assert.Equal(FuseErrno.ENOTDIR, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_LOOKUP, 2, Message.Name("x"))));

    [Fact]
    public void Getattr_of_the_root_is_answered_with_these_bytes()
    {
        byte[] reply = _fixture.Send(Hex.Bytes("""
            38000000 03000000          // len 56, GETATTR
            0200000000000000           // unique 2
            0100000000000000           // nodeid 1
            00000000 00000000 4d000000 // uid, gid, pid 77
            0000 0000                  // total_extlen, padding
            00000000 00000000          // getattr_flags, dummy
            0000000000000000           // fh
            """));
        Assert.Equal(
            Hex.Bytes("""
                78000000 00000000 // len 120, no error
                0200000000000000  // unique 2
                100e000000000000  // attr_valid 3600 s
                00000000 00000000 // nanoseconds, dummy
                0100000000000000  // ino 1
                0000000000000000  // size 0
                0000000000000000  // blocks 0
                00ca9a3b00000000  // atime 1,000,000,000
                00ca9a3b00000000  // mtime
                00ca9a3b00000000  // ctime
                00000000 00000000 00000000
                6d410000          // mode 040555
                02000000          // nlink 2
                00000000 00000000 // uid, gid
                00000000          // rdev
                00100000          // blksize 4096
                00000000          // flags
                """),
            reply);
    }

    [Theory]
    [InlineData(4ul, 0xa1ffu, 7ul)] // symbolic link, 0777, the target's length
    [InlineData(6ul, 0x8124u, 300_000ul)]
    public void Getattr_gives_mode_and_size(ulong nodeId, uint mode, ulong size)
    {
        FuseAttr attr = Message.Payload<FuseAttrOut>(_fixture.Send(Message.Request(FuseOpcode.FUSE_GETATTR, nodeId, new byte[16]))).Attr;
        Assert.Equal((mode, size, 1u), (attr.Mode, attr.Size, attr.Nlink));
    }

    [Fact]
    public void Getattr_of_a_node_that_is_gone_is_ENOENT()
        => Assert.Equal(FuseErrno.ENOENT, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_GETATTR, 99, new byte[16])));

    [Fact]
    public void Readlink_gives_the_target_without_NUL()
        => Assert.Equal(
            Hex.Bytes("""
                17000000 00000000 // len 23, no error
                0200000000000000  // unique 2
                6d656d696e666f    // "meminfo"
                """),
            _fixture.Send(Message.Request(FuseOpcode.FUSE_READLINK, 4)));

    [Fact]
    public void Readlink_of_a_file_is_EINVAL()
        => Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_READLINK, 2)));

    [Fact]
    public void Statfs_is_small_constants()
        => Assert.Equal(
            Hex.Bytes("""
                60000000 00000000 // len 96, no error
                0200000000000000  // unique 2
                0000000000000000 0000000000000000 0000000000000000 // blocks, bfree, bavail
                0000000000000000 0000000000000000                  // files, ffree
                00100000 ff000000 // bsize 4096, namelen 255
                00100000 00000000 // frsize 4096
                00000000 00000000 00000000 00000000 00000000 00000000
                """),
            _fixture.Send(Message.Request(FuseOpcode.FUSE_STATFS, 1)));

    [Fact]
    public void Time_before_1970_wraps_to_the_kernels_negative_number()
    {
        SessionParameters session = new() { NodeTime = DateTimeOffset.FromUnixTimeSeconds(-1) };
        byte[] reply = new byte[RequestSlots.ReplySize];
        int length = new Dispatcher(new TinyFileSystem(), session, new ListLogger())
            .Dispatch(Message.Request(FuseOpcode.FUSE_GETATTR, 1, new byte[16]), reply, 0);
        Assert.Equal(ulong.MaxValue, Message.Payload<FuseAttrOut>(reply[..length]).Attr.Mtime);
    }
}
