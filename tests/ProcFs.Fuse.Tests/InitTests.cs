using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class InitTests
{
    [Fact]
    public void Init_of_Linux_6_18_is_answered_with_these_bytes()
    {
        DispatcherFixture fixture = new();
        byte[] reply = fixture.Send(Hex.Bytes("""
            68000000 1a000000          // len 104, INIT
            0200000000000000           // unique 2
            0000000000000000           // nodeid 0
            00000000 00000000 00000000 // uid, gid, pid
            0000 0000                  // total_extlen, padding
            07000000 2d000000          // 7.45
            00000200                   // max_readahead 128 KiB
            fbfffff3                   // flags: nearly all, INIT_EXT among them
            ff070000                   // flags2: HAS_RESEND is bit 7
            00000000 00000000 00000000 00000000 00000000 00000000
            00000000 00000000 00000000 00000000 00000000
            """));
        Assert.Equal(
            Hex.Bytes("""
                50000000 00000000 // len 80, no error
                0200000000000000  // unique 2
                07000000 2d000000 // 7.45
                00000200          // max_readahead as asked
                01102440          // ASYNC_READ, AUTO_INVAL_DATA, PARALLEL_DIROPS, ABORT_ERROR, INIT_EXT
                4000 3000         // max_background 64, congestion_threshold 48
                00100000          // max_write 4096
                01000000          // time_gran 1 ns
                0000 0000         // max_pages, map_alignment
                80000000          // flags2: HAS_RESEND
                00000000          // max_stack_depth
                0000              // request_timeout
                0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
                """),
            reply);
        Assert.True(fixture.Session.IsNegotiated);
        Assert.Equal(45u, fixture.Session.Minor);
        Assert.Equal(0x80_40241001ul, fixture.Session.Flags);
    }

    [Fact]
    public void Init_of_Linux_5_4_is_answered_with_these_bytes()
    {
        DispatcherFixture fixture = new();
        byte[] reply = fixture.Send(Hex.Bytes("""
            38000000 1a000000          // len 56, INIT
            0200000000000000           // unique 2
            0000000000000000           // nodeid 0
            00000000 00000000 00000000 // uid, gid, pid
            00000000                   // padding
            07000000 1f000000          // 7.31
            00000200                   // max_readahead 128 KiB
            fbff7f03                   // flags
            """));
        Assert.Equal(
            Hex.Bytes("""
                50000000 00000000 // len 80, no error
                0200000000000000  // unique 2
                07000000 1f000000 // 7.31
                00000200          // max_readahead as asked
                01102400          // ASYNC_READ, AUTO_INVAL_DATA, PARALLEL_DIROPS, ABORT_ERROR
                4000 3000         // max_background 64, congestion_threshold 48
                00100000          // max_write 4096
                01000000          // time_gran 1 ns
                0000 0000 00000000 00000000 0000
                0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
                """),
            reply);
    }

    [Theory]
    [InlineData(0ul, 0ul)]
    [InlineData(1ul << 0, 1ul << 0)] // ASYNC_READ
    [InlineData(1ul << 12, 1ul << 12)] // AUTO_INVAL_DATA
    [InlineData(1ul << 13, 0ul)] // DO_READDIRPLUS
    [InlineData(1ul << 14, 0ul)] // READDIRPLUS_AUTO
    [InlineData(1ul << 17, 0ul)] // NO_OPEN_SUPPORT
    [InlineData(1ul << 18, 1ul << 18)] // PARALLEL_DIROPS
    [InlineData(1ul << 21, 1ul << 21)] // ABORT_ERROR
    [InlineData(1ul << 22, 0ul)] // MAX_PAGES
    [InlineData(1ul << 24, 0ul)] // NO_OPENDIR_SUPPORT
    [InlineData(1ul << 30, 1ul << 30)] // INIT_EXT
    [InlineData(1ul << 39, 0ul)] // HAS_RESEND without INIT_EXT does not count
    [InlineData((1ul << 39) | (1ul << 30), (1ul << 39) | (1ul << 30))]
    [InlineData((1ul << 40) | (1ul << 30), 1ul << 30)] // ALLOW_IDMAP
    [InlineData((1ul << 41) | (1ul << 30), 1ul << 30)] // OVER_IO_URING
    [InlineData((1ul << 42) | (1ul << 30), 1ul << 30)] // REQUEST_TIMEOUT
    [InlineData(ulong.MaxValue, 0x80_40241001ul)]
    public void Flags_are_accepted_as_offered_and_wanted(ulong offered, ulong accepted)
    {
        DispatcherFixture fixture = new();
        FuseInitOut answer = Message.Payload<FuseInitOut>(fixture.Send(Message.Init(7, 45, offered)));
        Assert.Equal(accepted, answer.Flags | ((ulong)answer.Flags2 << 32));
        Assert.Equal(accepted, fixture.Session.Flags);
    }

    [Theory]
    [InlineData(23u, 23u)]
    [InlineData(27u, 27u)]
    [InlineData(31u, 31u)]
    [InlineData(45u, 45u)]
    [InlineData(46u, 45u)]
    [InlineData(uint.MaxValue, 45u)]
    public void Minor_is_the_kernels_up_to_45(uint kernel, uint expected)
    {
        DispatcherFixture fixture = new();
        Assert.Equal(expected, Message.Payload<FuseInitOut>(fixture.Send(Message.Init(7, kernel, 0))).Minor);
        Assert.Equal(expected, fixture.Session.Minor);
    }

    [Fact]
    public void Flags2_of_a_short_init_is_nothing()
    {
        DispatcherFixture fixture = new();
        FuseInitOut answer = Message.Payload<FuseInitOut>(fixture.Send(Message.Init(7, 35, ulong.MaxValue, isLong: false)));
        Assert.Equal(0u, answer.Flags2);
    }

    [Fact]
    public void Larger_major_is_answered_with_ours_alone_and_settles_nothing()
    {
        DispatcherFixture fixture = new();
        byte[] reply = fixture.Send(Message.Init(8, 1, ulong.MaxValue));
        Assert.Equal((80, 0, 7), (reply.Length, Message.Header(reply).Error, reply[16]));
        Assert.True(reply.AsSpan(17).IndexOfAnyExcept((byte)0) < 0);
        Assert.False(fixture.Session.IsNegotiated);
        Message.Payload<FuseInitOut>(fixture.Send(Message.Init(7, 45, ulong.MaxValue)));
        Assert.True(fixture.Session.IsNegotiated);
    }

    [Theory]
    [InlineData(6u, 45u)]
    [InlineData(0u, 0u)]
    [InlineData(7u, 22u)]
    public void Older_protocol_is_refused(uint major, uint minor)
    {
        DispatcherFixture fixture = new();
        Assert.Equal(FuseErrno.EPROTO, fixture.ErrorOf(Message.Init(major, minor, 0)));
        Assert.False(fixture.Session.IsNegotiated);
        Assert.Contains($"FUSE {major}.{minor}", Assert.Single(fixture.Logger.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_is_persisted_before_it_is_known_or_given()
    {
        SessionParameters? session = null;
        (uint Minor, ulong Flags, bool WasNegotiated) persisted = default;
        DispatcherFixture fixture = new(persist: (minor, flags) => persisted = (minor, flags, session!.IsNegotiated));
        session = fixture.Session;
        fixture.Send(Message.Init(7, 41, ulong.MaxValue));
        Assert.Equal((41u, 0x80_40241001ul, false), persisted);
    }

    [Fact]
    public void Init_that_cannot_be_persisted_is_answered_EIO()
    {
        DispatcherFixture fixture = new(persist: (_, _) => throw new IOException("no space"));
        Assert.Equal(FuseErrno.EIO, fixture.ErrorOf(Message.Init(7, 41, ulong.MaxValue)));
        Assert.False(fixture.Session.IsNegotiated);
    }

    [Fact]
    public void Successor_starts_with_a_settled_session()
    {
        SessionParameters session = new(41, 0x240001);
        Assert.True(session.IsNegotiated);
        Assert.Equal((41u, 0x240001ul), (session.Minor, session.Flags));
    }
}
