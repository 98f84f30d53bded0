using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class FileTests
{
    private readonly DispatcherFixture _fixture = new();

    [Fact]
    public void Open_is_answered_with_these_bytes()
        => Assert.Equal(
            Hex.Bytes("""
                20000000 00000000 // len 32, no error
                0200000000000000  // unique 2
                0807060504030201  // fh
                01000000 00000000 // FOPEN_DIRECT_IO, backing_id 0
                """),
            _fixture.Send(Hex.Bytes("""
                30000000 0e000000          // len 48, OPEN
                0200000000000000           // unique 2
                0200000000000000           // nodeid 2
                00000000 00000000 4d000000 // uid, gid, pid
                0000 0000                  // total_extlen, padding
                00800000 00000000          // O_RDONLY | O_LARGEFILE, open_flags
                """)));

    [Theory]
    [InlineData(1u)] // O_WRONLY
    [InlineData(2u)] // O_RDWR
    [InlineData(3u)]
    [InlineData(0x200u)] // O_TRUNC
    [InlineData(0x8601u)]
    public void Open_for_writing_is_EACCES_even_for_root(uint flags)
        => Assert.Equal(FuseErrno.EACCES, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_OPEN, 2, Message.Body(new FuseOpenIn { Flags = flags }))));

    [Fact]
    public void Open_flags_are_the_filesystems()
        => Assert.Equal(
            OpenReplyFlags.KeepCache,
            Message.Payload<FuseOpenOut>(_fixture.Send(Message.Request(FuseOpcode.FUSE_OPEN, 6, new byte[8]))).OpenFlags);

    [Fact]
    public void Open_of_a_directory_is_what_the_filesystem_says()
        => Assert.Equal(FuseErrno.EISDIR, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_OPEN, 1, new byte[8])));

    [Fact]
    public void Read_is_answered_with_the_bytes_alone()
        => Assert.Equal(
            Hex.Bytes("""
                18000000 00000000 // len 24, no error
                0200000000000000  // unique 2
                546f74616c3a2020  // "Total:  "
                """),
            _fixture.Send(Hex.Bytes("""
                50000000 0f000000          // len 80, READ
                0200000000000000           // unique 2
                0200000000000000           // nodeid 2
                00000000 00000000 4d000000 // uid, gid, pid
                0000 0000                  // total_extlen, padding
                0807060504030201           // fh
                0300000000000000           // offset 3
                08000000 00000000          // size 8, read_flags
                0000000000000000           // lock_owner
                00000000 00000000          // flags, padding
                """)));

    [Fact]
    public void Read_at_the_end_is_empty()
        => Assert.Equal(Message.Error(FuseErrno.None), _fixture.Send(Message.Read(2, (ulong)TinyFileSystem.Meminfo.Length, 65536)));

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(1u, 1)]
    [InlineData(100u, 100)]
    [InlineData(4096u, 4096)]
    [InlineData(131072u, 131072)]
    [InlineData(131073u, 131072)] // more than the reply buffer holds: a short answer
    [InlineData(1u << 31, 131072)]
    [InlineData(uint.MaxValue, 131072)]
    public void Read_gives_what_was_asked_and_fits(uint size, int expected)
    {
        byte[] reply = _fixture.Send(Message.Read(6, 1000, size));
        Assert.Equal(16 + expected, reply.Length);
        Assert.Equal(0, Message.Header(reply).Error);
        for (int i = 0; i < expected; i++)
        {
            Assert.Equal(TinyFileSystem.BigByte(1000 + i), reply[16 + i]);
        }
    }

    [Theory]
    [InlineData((ulong)TinyFileSystem.BigSize)]
    [InlineData(1ul << 40)]
    [InlineData((ulong)long.MaxValue - 1)]
    [InlineData((ulong)long.MaxValue)]
    public void Read_far_behind_the_end_is_empty(ulong offset)
        => Assert.Equal(Message.Error(FuseErrno.None), _fixture.Send(Message.Read(6, offset, uint.MaxValue)));

    [Theory]
    [InlineData((ulong)long.MaxValue - 10, 10)]
    [InlineData((ulong)long.MaxValue - 4096, 4096)]
    [InlineData((ulong)long.MaxValue - 4097, 4096)]
    [InlineData(0ul, 4096)]
    public void End_of_a_read_never_wraps_in_the_filesystem(ulong offset, int room)
    {
        RoomRecorder fileSystem = new();
        Assert.Equal(Message.Error(FuseErrno.None), new DispatcherFixture(fileSystem).Send(Message.Read(2, offset, 4096)));
        Assert.Equal(room, fileSystem.Room);
    }

    [Theory]
    [InlineData(1ul << 63)]
    [InlineData(ulong.MaxValue - 10)]
    [InlineData(ulong.MaxValue)]
    public void Read_at_a_negative_offset_is_EINVAL(ulong offset)
        => Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(Message.Read(6, offset, 4096)));

    [Fact]
    public void Read_of_a_directory_is_what_the_filesystem_says()
        => Assert.Equal(FuseErrno.EISDIR, _fixture.ErrorOf(Message.Read(1, 0, 4096)));

    [Fact]
    public void Release_tells_the_filesystem_and_is_empty()
    {
        byte[] body = Message.Body(new FuseReleaseIn { Fh = 0xabcdef });
        Assert.Equal(Message.Error(FuseErrno.None), _fixture.Send(Message.Request(FuseOpcode.FUSE_RELEASE, 2, body)));
        Assert.Equal((1, 0xabcdeful), (_fixture.FileSystem.Releases, _fixture.FileSystem.LastReleased));
    }

    [Fact]
    public void Poll_is_answered_with_the_default_mask()
        => Assert.Equal(
            Hex.Bytes("""
                18000000 00000000 // len 24, no error
                0200000000000000  // unique 2
                45010000 00000000 // EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM
                """),
            _fixture.Send(Message.Request(FuseOpcode.FUSE_POLL, 2, new byte[24])));

    private sealed class RoomRecorder : TinyFileSystem
    {
        public int Room { get; private set; }

        public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
        {
            Room = destination.Length;
            length = 0;
            return FuseErrno.None;
        }
    }
}
