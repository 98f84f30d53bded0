using ProcFs.Fuse.Wire;
using ProcFs.Tests.Support;

namespace ProcFs.Fuse.Tests;

public class AllocationTests
{
    [Fact]
    public void Requests_allocate_nothing()
    {
        Dispatcher dispatcher = new(new TinyFileSystem(), new SessionParameters(), new ListLogger());
        byte[] reply = new byte[RequestSlots.ReplySize];
        byte[][] requests =
        [
            Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name("meminfo")),
            Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name("nothing")),
            Message.Request(FuseOpcode.FUSE_GETATTR, 2, new byte[16]),
            Message.Request(FuseOpcode.FUSE_OPEN, 2, new byte[8]),
            Message.Read(2, 0, 65536),
            Message.Read(2, 4096, 65536),
            Message.Request(FuseOpcode.FUSE_RELEASE, 2, new byte[24]),
            Message.Request(FuseOpcode.FUSE_FLUSH, 2, new byte[24]),
            Message.Request(FuseOpcode.FUSE_OPENDIR, 1, new byte[8]),
            Message.ReadDirectory(1, 0, 4096),
            Message.ReadDirectory(1, 4, 4096),
            Message.Request(FuseOpcode.FUSE_RELEASEDIR, 1, new byte[24]),
            Message.Request(FuseOpcode.FUSE_READLINK, 4),
            Message.Request(FuseOpcode.FUSE_STATFS, 1),
            Message.Request(FuseOpcode.FUSE_POLL, 2, new byte[24]),
            Message.Request(FuseOpcode.FUSE_FORGET, 2, new byte[8]),
            Message.Request((FuseOpcode)99, 2),
            Message.Request(FuseOpcode.FUSE_OPEN, 2, new byte[3]), // malformed: told the first time
        ];

        void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                dispatcher.Dispatch(requests[i % requests.Length], reply, 0);
            }
        }

        Run(1000);
        Allocated.AssertNone(() => Run(100_000));
    }

    [Fact]
    public void Worker_that_reads_into_a_journal_allocates_nothing()
    {
        using RecoveryFixture fixture = new();
        Meter meter = new();
        fixture.Next(meter).Start(1);
        Run(1000);
        Assert.NotEqual(0, meter.Allocated);
        Allocated.AssertNone(() => Run(2000), () => meter.Allocated);

        void Run(int reads)
        {
            for (int i = 0; i < reads; i++)
            {
                fixture.Send(Message.Read(2, 0, 65536));
                fixture.Receive();
            }
        }
    }

    /// <summary>What the thread that handles requests has allocated in its life.</summary>
    private sealed class Meter : TinyFileSystem
    {
        private long _allocated;

        public long Allocated => Volatile.Read(ref _allocated);

        public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
        {
            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
            return base.Read(in context, handle, offset, destination, out length);
        }
    }
}
