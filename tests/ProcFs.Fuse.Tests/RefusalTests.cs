using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

/// <summary>The opcodes whose answer is always the same.</summary>
public class RefusalTests
{
    private readonly DispatcherFixture _fixture = new();

    [Theory]
    [InlineData(4u, FuseErrno.EPERM)] // SETATTR
    [InlineData(6u, FuseErrno.EROFS)] // SYMLINK
    [InlineData(8u, FuseErrno.EROFS)] // MKNOD
    [InlineData(9u, FuseErrno.EROFS)] // MKDIR
    [InlineData(10u, FuseErrno.EROFS)] // UNLINK
    [InlineData(11u, FuseErrno.EROFS)] // RMDIR
    [InlineData(12u, FuseErrno.EROFS)] // RENAME
    [InlineData(13u, FuseErrno.EROFS)] // LINK
    [InlineData(16u, FuseErrno.EROFS)] // WRITE
    [InlineData(35u, FuseErrno.EROFS)] // CREATE
    [InlineData(43u, FuseErrno.EROFS)] // FALLOCATE
    [InlineData(45u, FuseErrno.EROFS)] // RENAME2
    [InlineData(47u, FuseErrno.EROFS)] // COPY_FILE_RANGE
    [InlineData(51u, FuseErrno.EROFS)] // TMPFILE
    [InlineData(53u, FuseErrno.EROFS)] // COPY_FILE_RANGE_64
    [InlineData(22u, FuseErrno.ENOSYS)] // GETXATTR
    [InlineData(23u, FuseErrno.ENOSYS)] // LISTXATTR
    [InlineData(25u, FuseErrno.ENOSYS)] // FLUSH
    [InlineData(34u, FuseErrno.ENOSYS)] // ACCESS
    [InlineData(39u, FuseErrno.ENOTTY)] // IOCTL
    [InlineData(46u, FuseErrno.ENOSYS)] // LSEEK
    [InlineData(52u, FuseErrno.ENOSYS)] // STATX
    [InlineData(20u, FuseErrno.ENOSYS)] // FSYNC
    [InlineData(21u, FuseErrno.ENOSYS)] // SETXATTR
    [InlineData(24u, FuseErrno.ENOSYS)] // REMOVEXATTR
    [InlineData(44u, FuseErrno.ENOSYS)] // READDIRPLUS
    [InlineData(0u, FuseErrno.ENOSYS)]
    [InlineData(54u, FuseErrno.ENOSYS)]
    [InlineData(63u, FuseErrno.ENOSYS)]
    [InlineData(64u, FuseErrno.ENOSYS)]
    [InlineData(4096u, FuseErrno.ENOSYS)] // CUSE_INIT
    [InlineData(uint.MaxValue, FuseErrno.ENOSYS)]
    public void Operation_is_refused(uint opcode, FuseErrno errno)
        => Assert.Equal(Message.Error(errno), _fixture.Send(Message.Request((FuseOpcode)opcode, 2, new byte[100])));

    [Theory]
    [InlineData(2u)] // FORGET
    [InlineData(36u)] // INTERRUPT
    [InlineData(42u)] // BATCH_FORGET
    public void Operation_has_no_reply(uint opcode)
    {
        Assert.Empty(_fixture.Send(Message.Request((FuseOpcode)opcode, 2, new byte[8])));
        Assert.Empty(_fixture.Send(Message.Request((FuseOpcode)opcode, 2)));
    }

    [Fact]
    public void Interrupt_with_its_odd_id_has_no_reply()
        => Assert.Empty(_fixture.Send(Message.Request(FuseOpcode.FUSE_INTERRUPT, 0, Message.Body(new FuseInterruptIn { Unique = 2 }), unique: 3)));

    [Fact]
    public void Destroy_is_answered_empty_and_ends_the_session()
    {
        Assert.Equal(Message.Error(FuseErrno.None), _fixture.Send(Message.Request(FuseOpcode.FUSE_DESTROY, 0)));
        Assert.True(_fixture.Session.IsDestroyed);
    }

    [Fact]
    public void Every_opcode_of_the_enumeration_has_a_row_with_its_name()
        => Assert.All(Enum.GetValues<FuseOpcode>(), opcode => Assert.Equal("FUSE_" + OperationTable.Find(opcode).Name, opcode.ToString()));
}
