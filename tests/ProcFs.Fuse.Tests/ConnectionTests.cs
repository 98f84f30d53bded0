using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class ConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Scripted_session_is_answered_message_by_message()
    {
        TinyFileSystem fileSystem = new();
        using FakeKernel kernel = new(fileSystem, workers: 4);
        Message.Payload<FuseInitOut>(kernel.Exchange(Message.Init(7, 45, ulong.MaxValue)));
        Assert.True(kernel.Session.IsNegotiated);
        Assert.Equal(2ul, Message.Payload<FuseEntryOut>(kernel.Exchange(Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name("meminfo")))).NodeId);
        Assert.Equal(TinyFileSystem.Handle, Message.Payload<FuseOpenOut>(kernel.Exchange(Message.Request(FuseOpcode.FUSE_OPEN, 2, new byte[8]))).Fh);
        Assert.Equal(TinyFileSystem.Meminfo, kernel.Exchange(Message.Read(2, 0, 65536))[16..]);
        Assert.Equal(Message.Error(FuseErrno.None), kernel.Exchange(Message.Read(2, 4096, 65536)));
        Assert.Equal(Message.Error(FuseErrno.ENOSYS), kernel.Exchange(Message.Request(FuseOpcode.FUSE_FLUSH, 2, new byte[24])));
        Assert.Equal(Message.Error(FuseErrno.None), kernel.Exchange(Message.Request(FuseOpcode.FUSE_RELEASE, 2, new byte[24])));
        kernel.Send(Message.Request(FuseOpcode.FUSE_FORGET, 2, new byte[8]));
        kernel.Send(Message.Request(FuseOpcode.FUSE_INTERRUPT, 0, new byte[8], unique: 3));
        Assert.True(SpinWait.SpinUntil(() => kernel.Connection.Requests == 9, Patience));
        Assert.False(kernel.HasReply());

        Assert.Equal(1, kernel.Connection.RequestsOf(26));
        Assert.Equal(2, kernel.Connection.RequestsOf(15));
        Assert.Equal(1, kernel.Connection.RequestsOf(2));
        Assert.Equal(9, kernel.Connection.Requests);
        Assert.Equal(1, kernel.Connection.Errors); // FLUSH
        Assert.Equal("READ", Connection.NameOf(15));
        Assert.False(kernel.Connection.Completion.IsCompleted);
        Assert.Equal(ConnectionEnd.Failed, await kernel.End());
    }

    [Fact]
    public void Workers_answer_at_the_same_time_each_with_its_own_slot()
    {
        using Rendezvous fileSystem = new(4);
        using FakeKernel kernel = new(fileSystem, workers: 4);
        for (ulong unique = 2; unique <= 8; unique += 2)
        {
            kernel.Send(Message.Read(2, 0, 4096, unique));
        }

        // Each waits in the filesystem until four are there: one worker less, and nobody would be answered.
        Dictionary<ulong, int> workerOf = [];
        for (int i = 0; i < 4; i++)
        {
            byte[] reply = kernel.Receive();
            Assert.Equal(17, reply.Length);
            workerOf.Add(Message.Header(reply).Unique, reply[16]);
        }

        Assert.Equal(new ulong[] { 2, 4, 6, 8 }, workerOf.Keys.Order());
        Assert.Equal(new[] { 0, 1, 2, 3 }, workerOf.Values.Order());
    }

    [Fact]
    public void Ten_thousand_requests_are_answered_once_each()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 4);
        HashSet<ulong> answered = [];
        const int Total = 10_000;
        const int InFlight = 8;
        for (int i = 1; i <= Total; i++)
        {
            kernel.Send(Message.Read(6, (ulong)i * 7, 1000, unique: (ulong)i * 2));
            if (i > InFlight)
            {
                Take();
            }
        }

        for (int i = 0; i < InFlight; i++)
        {
            Take();
        }

        Assert.Equal(Total, answered.Count);
        Assert.Equal(Total, kernel.Connection.Requests);
        Assert.False(kernel.HasReply(0));

        void Take()
        {
            byte[] reply = kernel.Receive();
            ulong unique = Message.Header(reply).Unique;
            Assert.True(answered.Add(unique));
            Assert.Equal(1016, reply.Length);
            Assert.Equal(TinyFileSystem.BigByte((long)unique / 2 * 7), reply[16]);
            Assert.Equal(TinyFileSystem.BigByte(((long)unique / 2 * 7) + 999), reply[1015]);
        }
    }

    [Fact]
    public void Slot_of_a_waiting_worker_owes_nothing()
    {
        using Rendezvous fileSystem = new(2);
        using FakeKernel kernel = new(fileSystem, workers: 1);
        kernel.Send(Message.Read(2, 0, 4096, unique: 42));
        Assert.True(fileSystem.Arrived.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(42ul, UniqueIn(kernel.Slots)); // being handled: whoever looks now knows what is owed
        fileSystem.Join();
        kernel.Receive();
        Assert.True(SpinWait.SpinUntil(() => UniqueIn(kernel.Slots) == 0, Patience));
    }

    [Fact]
    public void Whole_READ_of_32_pages_goes_out_in_one_message()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 1);
        Assert.Equal(RequestSlots.ReplySize, kernel.Exchange(Message.Read(6, 0, 1 << 20)).Length);
    }

    [Fact]
    public void Garbage_does_not_stop_the_worker()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 1);
        kernel.Send([1, 2, 3]);
        Assert.Equal(Message.Error(FuseErrno.EINVAL), kernel.Exchange(Message.Request(FuseOpcode.FUSE_OPEN, 2, new byte[3])));
        Assert.Equal(Message.Error(FuseErrno.EIO), kernel.Exchange(Message.Read(5, 0, 100)));
        Assert.Equal(Message.Error(FuseErrno.ENOSYS), kernel.Exchange(Message.Request((FuseOpcode)77, 2)));
        Assert.Equal(TinyFileSystem.Meminfo, kernel.Exchange(Message.Read(2, 0, 65536))[16..]);
        Assert.Equal(5, kernel.Connection.Requests);
        Assert.Equal(3, kernel.Connection.Errors);
        Assert.Equal(2, kernel.Connection.RequestsOf(0)); // no header, opcode 77
    }

    [Fact]
    public void Refused_reply_is_told_once_and_the_worker_goes_on()
    {
        // A reply larger than the socket's buffer is refused (EMSGSIZE), as the device refuses a malformed one (EINVAL).
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 1, sendBuffer: 4096);
        kernel.Send(Message.Read(6, 0, 65536));
        kernel.Send(Message.Read(6, 0, 65536));
        Assert.Equal(TinyFileSystem.Meminfo, kernel.Exchange(Message.Read(2, 0, 65536))[16..]);
        string line = Assert.Single(kernel.Logger.Lines);
        Assert.Contains("READ (opcode 15, request 80 bytes, reply 65552 bytes)", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptor_that_does_not_block_is_polled()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 2);
        kernel.Device.SetBlocking(false);
        for (int i = 0; i < 10; i++) // the workers still wait in read(2) at first
        {
            Assert.Equal(TinyFileSystem.Meminfo, kernel.Exchange(Message.Read(2, 0, 65536))[16..]);
            Assert.False(kernel.HasReply(10));
        }
    }

    [Fact]
    public void Device_left_in_non_blocking_mode_waits_again_from_the_start()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 1, isBlocking: false);
        Assert.Equal(1, Interop.Libc.IsBlocking(kernel.Device.Number));
        Assert.Equal(TinyFileSystem.Meminfo, kernel.Exchange(Message.Read(2, 0, 65536))[16..]);
    }

    [Fact]
    public async Task Destroy_is_answered_and_ends_the_worker()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 1);
        Assert.Equal(Message.Error(FuseErrno.None), kernel.Exchange(Message.Request(FuseOpcode.FUSE_DESTROY, 0)));
        Assert.Equal(ConnectionEnd.Unmounted, await kernel.Connection.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task End_of_file_is_told_and_ends_all_workers()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 3);
        Assert.Equal(ConnectionEnd.Failed, await kernel.End());
        Assert.All(kernel.Logger.Lines, line => Assert.Contains("end of file", line, StringComparison.Ordinal));
        Assert.Equal(3, kernel.Logger.Lines.Length);
    }

    [Fact]
    public async Task Disposal_leaves_device_and_slots_to_running_workers()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 2);
        kernel.Connection.Dispose();
        Assert.Equal(TinyFileSystem.Meminfo, kernel.Exchange(Message.Read(2, 0, 65536))[16..]);
        Assert.False(kernel.Device.Descriptor.IsClosed);
        await kernel.End();
        Assert.True(kernel.Device.Descriptor.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => kernel.Slots.Clear(0));
    }

    [Fact]
    public async Task Connection_disposed_without_a_start_is_over()
    {
        (int kernel, int server) = SocketPair.Create(isBlocking: true);
        using Interop.FileDescriptor other = new(kernel);
        FuseDevice device = new(new Interop.FileDescriptor(server));
        Connection connection = new(device, new RequestSlots(1), new Dispatcher(new TinyFileSystem(), new SessionParameters(), new ListLogger()), new ListLogger());
        connection.Dispose();
        connection.Dispose();
        Assert.True(device.Descriptor.IsClosed);
        Assert.Equal(ConnectionEnd.Unmounted, await connection.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Throws<ObjectDisposedException>(() => connection.Start(1));
    }

    [Fact]
    public void Workers_are_as_many_as_there_are_slots_and_start_once()
    {
        using FakeKernel kernel = new(new TinyFileSystem(), workers: 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Connection.Start(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Connection.Start(3));
        Assert.Throws<InvalidOperationException>(() => kernel.Connection.Start(2));
    }

    private static unsafe ulong UniqueIn(RequestSlots slots) => Volatile.Read(ref *(ulong*)(slots.Request(0) + FuseInHeader.UniqueOffset));

    /// <summary>A READ waits until a number of parties have come, then answers the worker's index.</summary>
    private sealed class Rendezvous(int parties) : TinyFileSystem, IDisposable
    {
        private readonly CountdownEvent _missing = new(parties);

        public ManualResetEventSlim Arrived { get; } = new();

        public void Join() => _missing.Signal();

        public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
        {
            Join();
            Arrived.Set();
            length = 1;
            destination[0] = (byte)context.WorkerIndex;
            return _missing.Wait(Patience) ? FuseErrno.None : FuseErrno.EAGAIN;
        }

        public void Dispose()
        {
            _missing.Dispose();
            Arrived.Dispose();
        }
    }
}
