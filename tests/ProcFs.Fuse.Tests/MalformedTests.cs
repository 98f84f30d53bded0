using System.Buffers.Binary;
using System.Text;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class MalformedTests
{
    private readonly DispatcherFixture _fixture = new();

    /// <summary>Opcode, the body's size, whether the answer depends on the body.</summary>
    public static TheoryData<uint, int> OperationsWithABody => new()
    {
        { 1, 8 }, { 3, 16 }, { 14, 8 }, { 15, 40 }, { 18, 24 }, { 22, 8 }, { 23, 8 }, { 25, 24 }, { 26, 16 }, { 27, 8 }, { 28, 40 },
        { 29, 24 }, { 34, 8 }, { 39, 32 }, { 40, 24 }, { 46, 24 }, { 52, 24 },
    };

    [Theory]
    [MemberData(nameof(OperationsWithABody))]
    public void Request_cut_anywhere_is_EINVAL(uint opcode, int bodySize)
    {
        byte[] body = new byte[bodySize];
        body.AsSpan(0, bodySize - 1).Fill((byte)'a');
        byte[] whole = Message.Request((FuseOpcode)opcode, 1, body);
        for (int length = FuseInHeader.Size; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(cut)); // the header's length is still the old one
            BinaryPrimitives.WriteInt32LittleEndian(cut, length);
            Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(cut));
        }

        Assert.Single(_fixture.Logger.Lines); // once per opcode, not once per request
        Assert.Contains($"opcode {opcode},", _fixture.Logger.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prefix_of_every_opcodes_request_gets_an_error_or_nothing()
    {
        for (uint opcode = 0; opcode < 70; opcode++)
        {
            byte[] whole = Message.Request((FuseOpcode)opcode, 1, new byte[120]);
            for (int length = 0; length < whole.Length; length++)
            {
                byte[] reply = _fixture.Send(whole[..length]);
                if (length < FuseInHeader.Size || opcode is 2 or 36 or 42)
                {
                    Assert.Empty(reply);
                }
                else
                {
                    Assert.Equal(Message.Error(FuseErrno.EINVAL), reply);
                }
            }
        }
    }

    [Fact]
    public void Request_shorter_than_a_header_is_told_once()
    {
        for (int length = 0; length < FuseInHeader.Size; length++)
        {
            Assert.Empty(_fixture.Send(new byte[length]));
        }

        Assert.Contains("no usable header", Assert.Single(_fixture.Logger.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Request_with_id_0_cannot_be_answered()
        => Assert.Empty(_fixture.Send(Message.Request(FuseOpcode.FUSE_GETATTR, 1, new byte[16], unique: 0)));

    [Theory]
    [InlineData(0u)]
    [InlineData(39u)]
    [InlineData(55u)]
    [InlineData(57u)]
    [InlineData(uint.MaxValue)]
    public void Length_that_is_not_what_was_read_is_EINVAL(uint length)
    {
        byte[] request = Message.Request(FuseOpcode.FUSE_GETATTR, 1, new byte[16]);
        BinaryPrimitives.WriteUInt32LittleEndian(request, length);
        Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(request));
    }

    [Fact]
    public void Extensions_behind_the_body_are_not_the_body()
    {
        byte[] request = Message.Request(FuseOpcode.FUSE_LOOKUP, 1, [.. Message.Name("meminfo"), .. new byte[16]]);
        Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(request)); // NULs in the name
        request[36] = 2; // total_extlen, in 8 bytes
        Assert.Equal(2ul, Message.Payload<FuseEntryOut>(_fixture.Send(request)).NodeId);
        request[36] = 200;
        Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(request));
        request[37] = 0xff;
        Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(request));
    }

    [Fact]
    public void Longer_body_than_today_is_fine()
        => Assert.Equal(16 + 104, _fixture.Send(Message.Request(FuseOpcode.FUSE_GETATTR, 1, new byte[64])).Length);

    [Theory]
    [InlineData("", FuseErrno.EINVAL)] // nothing at all
    [InlineData("\0", FuseErrno.EINVAL)] // no bytes before the NUL
    [InlineData("meminfo", FuseErrno.EINVAL)] // no NUL
    [InlineData("mem\0info\0", FuseErrno.EINVAL)]
    [InlineData("meminfo\0\0", FuseErrno.EINVAL)]
    [InlineData("/\0", FuseErrno.EINVAL)]
    [InlineData("../meminfo\0", FuseErrno.EINVAL)]
    [InlineData("meminfo/\0", FuseErrno.EINVAL)]
    [InlineData("MEMINFO\0", FuseErrno.ENOENT)]
    [InlineData("meminfo \0", FuseErrno.ENOENT)]
    [InlineData("%s%n\0", FuseErrno.ENOENT)]
    [InlineData(".\0", FuseErrno.ENOENT)]
    [InlineData("..\0", FuseErrno.ENOENT)]
    public void Hostile_name_is_refused(string body, FuseErrno errno)
        => Assert.Equal(errno, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Encoding.UTF8.GetBytes(body))));

    [Fact]
    public void Name_that_is_not_text_is_just_absent()
        => Assert.Equal(FuseErrno.ENOENT, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_LOOKUP, 1, [0xff, 0xfe, 0x80, 0x01, 0x00])));

    [Theory]
    [InlineData(255, FuseErrno.ENOENT)]
    [InlineData(256, FuseErrno.ENAMETOOLONG)]
    [InlineData(4095, FuseErrno.ENAMETOOLONG)]
    [InlineData(8000, FuseErrno.ENAMETOOLONG)]
    public void Long_name_is_refused(int length, FuseErrno errno)
        => Assert.Equal(errno, _fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name(new string('n', length)))));

    [Fact]
    public void Reply_buffer_that_holds_no_fixed_reply_is_the_callers_bug()
        => Assert.Throws<ArgumentOutOfRangeException>(() =>
            _fixture.Dispatcher.Dispatch(Message.Request(FuseOpcode.FUSE_GETATTR, 1, new byte[16]), new byte[Dispatcher.MinimumReplySize - 1], 0));
}
