using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

/// <summary>Requests that were answered, and left in their slots by a kill: the kernel says ENOENT to a second answer.</summary>
[Collection(Alone.Name)]
public sealed unsafe class UnwantedReplyTests : IDisposable
{
    private readonly string _parent = RealMount.NewDirectory();
    private readonly ListLogger _logger = new();
    private readonly Opening _fileSystem = new();
    private readonly Journal _journal;
    private readonly RequestSlots _slots;
    private readonly Connection _connection;

    public UnwantedReplyTests()
    {
        FuseDevice device = RealMount.OpenDeviceOrSkip();
        Directory.CreateDirectory(Path);
        _journal = Journal.Create(Path, 1, 0);
        _slots = new RequestSlots(_journal);
        _connection = new Connection(device, new RequestSlots(_journal), new Dispatcher(_fileSystem, _journal.CreateSession(), _logger), _logger);
        try
        {
            FuseMount.Mount(device, Path, RealMount.Subtype);
        }
        catch (FuseException exception) when (exception.Errno == FuseErrno.EPERM)
        {
            Dispose();
            Assert.Skip(exception.Message);
        }
    }

    private string Path => _parent + "/mnt";

    [Theory]
    [InlineData(2ul, 7ul)]
    [InlineData(5ul, 0ul)] // it was refused: there is no handle
    public void OPEN_is_taken_back(ulong node, ulong withdrawn)
    {
        Plant(3, Message.Request(FuseOpcode.FUSE_OPEN, node, new byte[8], unique: 1002));
        Assert.Equal(0, _connection.Recover());
        Assert.Equal(1, _fileSystem.Opens);
        Assert.Equal(withdrawn, _fileSystem.Withdrawn);
        Assert.Equal(withdrawn == 0 ? 0ul : 1002ul, _fileSystem.WithdrawnBy);
        Assert.Equal(0ul, _slots.UniqueIn(3));
    }

    [Fact]
    public void WRITE_is_taken_back()
    {
        Plant(1, Message.Write(7, 9, "some"u8, unique: 1010));
        Assert.Equal(0, _connection.Recover());
        Assert.Equal((9ul, 1010ul), (_fileSystem.WithdrawnWrite, _fileSystem.WithdrawnBy));
    }

    [Fact]
    public void Nothing_else_is()
    {
        Plant(0, Message.Read(2, 0, 100, unique: 1004));
        Plant(1, Message.Request(FuseOpcode.FUSE_OPENDIR, 1, new byte[8], unique: 1006));
        Assert.Equal(0, _connection.Recover());
        Assert.Equal(0ul, _fileSystem.Withdrawn);
        Assert.Equal(0, _journal.Counters.SlotsAnswered);
    }

    [Fact]
    public void It_is_no_poison()
    {
        _journal.PoisonOf(2) = new PoisonRecord { Unique = 1008, Tries = Connection.MaxRecoveries };
        Plant(2, Message.Read(2, 0, 100, unique: 1008));
        Assert.Equal(0, _connection.Recover());
        Assert.Equal(0, _journal.Counters.Poisoned);
        Assert.Empty(_logger.Lines);
        Assert.Equal(0ul, _slots.UniqueIn(2));
    }

    public void Dispose()
    {
        FuseMount.DetachAll(Path, RealMount.Subtype);
        _connection.Dispose();
        _slots.Dispose();
        _journal.Dispose();
        if (MountPoint.Inspect(Path, RealMount.Subtype).Kind == MountPointKind.Nothing)
        {
            Directory.Delete(_parent, recursive: true);
        }
    }

    private void Plant(int slot, ReadOnlySpan<byte> request) => request.CopyTo(new Span<byte>(_slots.Request(slot), RequestSlots.RequestSize));

    private sealed class Opening : TinyFileSystem, IFileSystem
    {
        public int Opens { get; private set; }

        public ulong Withdrawn { get; private set; }

        public ulong WithdrawnBy { get; private set; }

        public override FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
        {
            Opens++;
            reply = new OpenReply(7, OpenReplyFlags.DirectIo);
            return context.NodeId == 5 ? FuseErrno.EACCES : FuseErrno.None;
        }

        public ulong WithdrawnWrite { get; private set; }

        public bool IsWritable(in RequestContext context) => context.NodeId == 7;

        public FuseErrno Write(in RequestContext context, ulong handle, ReadOnlySpan<byte> data) => FuseErrno.None;

        public void WithdrawWrite(in RequestContext context, ulong handle) => (WithdrawnWrite, WithdrawnBy) = (handle, context.UniqueId);

        public void Withdraw(in RequestContext context, ulong handle) => (Withdrawn, WithdrawnBy) = (handle, context.UniqueId);
    }
}
