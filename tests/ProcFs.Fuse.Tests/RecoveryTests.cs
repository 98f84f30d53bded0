using System.Buffers.Binary;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public sealed class RecoveryTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RecoveryFixture _fixture = new();

    [Fact]
    public void Empty_slots_owe_nothing()
    {
        Assert.Equal(0, _fixture.Next().Recover());
        Assert.False(_fixture.HasReply());
        Assert.Equal(default, _fixture.Journal.Counters);
    }

    [Fact]
    public void Request_in_a_slot_is_answered_and_the_slot_empty()
    {
        _fixture.Plant(5, Message.Read(2, 0, 65536, unique: 42));
        Connection connection = _fixture.Next();
        Assert.Equal(1, connection.Recover());
        byte[] reply = _fixture.Receive();
        Assert.Equal(42ul, Message.Header(reply).Unique);
        Assert.Equal(TinyFileSystem.Meminfo, reply[16..]);
        Assert.Equal(0ul, _fixture.Slots.UniqueIn(5));
        Assert.Equal(1, _fixture.Journal.Counters.SlotsAnswered);
        Assert.Equal(1, connection.RequestsOf(15));
        Assert.Equal(0, connection.Recover());
        Assert.False(_fixture.HasReply());
        Assert.Empty(_fixture.Logger.Lines);
    }

    [Fact]
    public void All_slots_are_answered_however_few_workers_follow()
    {
        for (int i = 0; i < 8; i++)
        {
            _fixture.Plant(i, Message.Read(6, (ulong)i, 1 << 20, unique: 100 + (2 * (ulong)i)));
        }

        Connection connection = _fixture.Next();
        Thread recovery = new(() => connection.Recover()); // eight replies are more than the socket holds
        recovery.Start();
        for (int i = 0; i < 8; i++)
        {
            byte[] reply = _fixture.Receive();
            Assert.Equal(100 + (2 * (ulong)i), Message.Header(reply).Unique);
            Assert.Equal(RequestSlots.ReplySize, reply.Length);
            Assert.Equal(TinyFileSystem.BigByte(i), reply[16]);
        }

        Assert.True(recovery.Join(Patience));
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(0ul, _fixture.Slots.UniqueIn(i)));
        connection.Start(1);
        _fixture.Send(Message.Read(2, 0, 65536));
        Assert.Equal(TinyFileSystem.Meminfo, _fixture.Receive()[16..]);
    }

    [Fact]
    public void Requests_are_read_into_the_journal_where_a_successor_finds_them()
    {
        using Gate gate = new();
        Connection dying = _fixture.Next(gate);
        dying.Start(2);
        _fixture.Send(Message.Read(2, 0, 65536, unique: 8));
        Assert.True(gate.Arrived.Wait(Patience, TestContext.Current.CancellationToken));

        Assert.Equal(1, _fixture.Next().Recover());
        byte[] reply = _fixture.Receive();
        Assert.Equal(8ul, Message.Header(reply).Unique);
        Assert.Equal(TinyFileSystem.Meminfo, reply[16..]);
    }

    [Fact]
    public async Task Server_killed_during_its_recovery_is_recovered_from()
    {
        using Gate gate = new();
        _fixture.Plant(0, Message.Request(FuseOpcode.FUSE_STATFS, 1, unique: 2));
        _fixture.Plant(3, Message.Read(2, 0, 65536, unique: 4));
        _fixture.Plant(6, Message.Read(2, 9, 65536, unique: 6));
        Connection dying = _fixture.Next(gate);
        Task<int> stuck = Task.Factory.StartNew(dying.Recover, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(gate.Arrived.Wait(Patience, TestContext.Current.CancellationToken)); // in slot 3
        Assert.Equal(2ul, Message.Header(_fixture.Receive()).Unique);

        Assert.Equal(2, _fixture.Next().Recover());
        Assert.Equal(TinyFileSystem.Meminfo, _fixture.Receive()[16..]);
        Assert.Equal(TinyFileSystem.Meminfo[9..], _fixture.Receive()[16..]);
        Assert.False(_fixture.HasReply());
        gate.Open();
        await stuck.WaitAsync(Patience, TestContext.Current.CancellationToken); // the memory it works in goes with the test
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(39u)]
    [InlineData(8193u)]
    [InlineData(uint.MaxValue)]
    public void Header_with_an_impossible_length_is_answered_EIO(uint length)
    {
        byte[] request = Message.Read(2, 0, 65536, unique: 12);
        BinaryPrimitives.WriteUInt32LittleEndian(request, length);
        _fixture.Plant(1, request);
        Assert.Equal(1, _fixture.Next().Recover());
        Assert.Equal(Message.Error(FuseErrno.EIO, 12), _fixture.Receive());
        Assert.Equal(0ul, _fixture.Slots.UniqueIn(1));
        Assert.Contains($"slot 1 of the journal holds no request (length {length})", Assert.Single(_fixture.Logger.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 40u, FuseErrno.EINVAL)] // no body
    [InlineData(0, 8192u, FuseErrno.EINVAL)] // to the slot's end: what follows the body belongs to it, and its extensions
    [InlineData(36, 0xffffu, FuseErrno.EINVAL)] // more extensions than body
    [InlineData(4, 0u, FuseErrno.ENOSYS)]
    [InlineData(4, 0x7fffffffu, FuseErrno.ENOSYS)]
    [InlineData(16, 77u, FuseErrno.EISDIR)] // no such node
    public void Half_valid_request_is_answered_like_any_malformed_one(int offset, uint value, FuseErrno expected)
    {
        byte[] request = Message.Read(2, 0, 65536, unique: 14);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(offset), value);
        if (value == 8192)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(36), ushort.MaxValue);
        }

        _fixture.Plant(7, request);
        Assert.Equal(1, _fixture.Next().Recover());
        Assert.Equal(Message.Error(expected, 14), _fixture.Receive());
        Assert.Equal(0ul, _fixture.Slots.UniqueIn(7));
    }

    [Fact]
    public void Random_slots_harm_nobody()
    {
        Random random = new(20_113);
        byte[] request = new byte[RequestSlots.RequestSize];
        for (int round = 0; round < 200; round++)
        {
            for (int slot = 0; slot < 8; slot++)
            {
                random.NextBytes(request);
                if (random.Next(4) > 0) // believable for longer
                {
                    BinaryPrimitives.WriteInt32LittleEndian(request, random.Next(40, 300));
                    BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(4), random.Next(60));
                    BinaryPrimitives.WriteInt16LittleEndian(request.AsSpan(36), (short)random.Next(3));
                }

                _fixture.Plant(slot, request);
            }

            int answered = _fixture.Next().Recover();
            for (int i = 0; i < answered; i++)
            {
                Assert.True(_fixture.Receive().Length >= FuseOutHeader.Size);
            }

            Assert.False(_fixture.HasReply());
            Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(0ul, _fixture.Slots.UniqueIn(i)));
        }
    }

    [Fact]
    public void INIT_that_is_owed_is_negotiated_by_the_successor()
    {
        _fixture.Plant(2, Message.Init(7, 45, ulong.MaxValue));
        Assert.Equal(1, _fixture.Next().Recover());
        FuseInitOut answer = Message.Payload<FuseInitOut>(_fixture.Receive());
        SessionParameters session = _fixture.Journal.CreateSession();
        Assert.True(session.IsNegotiated);
        Assert.Equal((answer.Minor, answer.Flags | ((ulong)answer.Flags2 << 32)), (session.Minor, session.Flags));
    }

    [Fact]
    public void FORGET_gets_no_reply()
    {
        _fixture.Plant(0, Message.Request(FuseOpcode.FUSE_FORGET, 2, new byte[8]));
        _fixture.Plant(1, Message.Request(FuseOpcode.FUSE_INTERRUPT, 0, new byte[8], unique: 3));
        Assert.Equal(0, _fixture.Next().Recover());
        Assert.False(_fixture.HasReply());
        Assert.Equal(0ul, _fixture.Slots.UniqueIn(0) | _fixture.Slots.UniqueIn(1));
        Assert.Equal(0, _fixture.Journal.Counters.SlotsAnswered);
    }

    [Fact]
    public async Task Request_that_five_recoveries_did_not_come_back_from_is_given_up_by_the_sixth()
    {
        byte[] poison = Message.Read(2, 0, 65536, unique: 42);
        _fixture.Plant(4, poison);
        Gate[] gates = [.. Enumerable.Range(0, (int)Connection.MaxRecoveries).Select(_ => new Gate())];
        Task[] stuck = new Task[gates.Length];
        Assert.Equal(5, gates.Length);
        for (int i = 0; i < gates.Length; i++)
        {
            Gate gate = gates[i];
            Connection dying = _fixture.Next(gate);
            stuck[i] = Task.Factory.StartNew(dying.Recover, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.True(gate.Arrived.Wait(Patience, TestContext.Current.CancellationToken));
            Assert.Equal((42ul, (ulong)i + 1), (_fixture.Journal.PoisonOf(4).Unique, _fixture.Journal.PoisonOf(4).Tries)); // counted before it is tried
        }

        BinaryPrimitives.WriteUInt64LittleEndian(poison.AsSpan(8), 42 | (1ul << 63)); // the same, sent again
        for (int i = 1; i <= 3; i++)
        {
            _fixture.Plant(4, poison);
            Assert.Equal(1, _fixture.Next().Recover());
            Assert.Equal(Message.Error(FuseErrno.EIO, 42 | (1ul << 63)), _fixture.Receive());
            Assert.Equal(i, _fixture.Journal.Counters.Poisoned);
        }

        Assert.Contains("A READ request (opcode 15) of node 2 is given up and answered EIO", _fixture.Logger.Lines[0], StringComparison.Ordinal);

        // Another request, in the same slot and in others, is none of this.
        BinaryPrimitives.WriteUInt64LittleEndian(poison.AsSpan(8), 44);
        _fixture.Plant(4, poison);
        _fixture.Plant(5, poison);
        Assert.Equal(2, _fixture.Next().Recover());
        Assert.Equal(TinyFileSystem.Meminfo, _fixture.Receive()[16..]);
        Assert.Equal(TinyFileSystem.Meminfo, _fixture.Receive()[16..]);
        Assert.Equal(3, _fixture.Journal.Counters.Poisoned);
        Array.ForEach(gates, gate => gate.Open());
        await Task.WhenAll(stuck).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Array.ForEach(gates, gate => gate.Dispose());
    }

    [Fact]
    public void Request_whose_handler_came_back_is_never_given_up_however_often_servers_are_killed()
    {
        byte[] request = Message.Read(2, 0, 65536, unique: 42);
        for (int i = 0; i < 10; i++)
        {
            _fixture.Plant(4, request); // killed before the slot was cleared, or from outside
            Assert.Equal(1, _fixture.Next().Recover());
            Assert.Equal(TinyFileSystem.Meminfo, _fixture.Receive()[16..]);
            Assert.Equal(0ul, _fixture.Journal.PoisonOf(4).Tries);
        }

        Assert.Equal(0, _fixture.Journal.Counters.Poisoned);
        Assert.Empty(_fixture.Logger.Lines);
    }

    [Fact]
    public void Device_without_a_connection_keeps_the_slots_as_they_are()
    {
        using FuseDevice device = RealMount.OpenDeviceOrSkip(); // not mounted: EPERM to every write
        using Journal journal = Journal.Create("/mnt", 1, 0);
        using RequestSlots slots = new(journal);
        unsafe
        {
            Message.Read(2, 0, 10).CopyTo(new Span<byte>(slots.Request(1), 100));
        }

        using Connection connection = new(device, slots, new Dispatcher(new TinyFileSystem(), journal.CreateSession(), _fixture.Logger), _fixture.Logger);
        Assert.Equal(0, connection.Recover());
        Assert.Equal(2ul, slots.UniqueIn(1));
        Assert.False(connection.Resend());
        Assert.Equal(0, connection.Drain());
    }

    [Fact]
    public void Private_slots_have_nothing_to_recover()
    {
        (int kernel, int server) = SocketPair.Create(isBlocking: true);
        using Interop.FileDescriptor other = new(kernel);
        using Connection connection = new(
            FuseDevice.Adopt(server), new RequestSlots(2), new Dispatcher(new TinyFileSystem(), new SessionParameters(), _fixture.Logger), _fixture.Logger);
        Assert.Equal(0, connection.Recover());
    }

    [Fact]
    public void RESEND_is_16_bytes()
    {
        Assert.True(_fixture.Next().Resend());
        Assert.Equal(Hex.Bytes("10000000 07000000 0000000000000000"), _fixture.Receive());
        Assert.False(_fixture.HasReply());
        Assert.Equal(1, _fixture.Journal.Counters.Resends);
        Connection running = _fixture.Next();
        running.Start(1);
        Assert.True(running.Resend()); // a server that finds a request lost
        Assert.Equal(16, _fixture.Receive().Length);
        _fixture.End();
        Assert.False(_fixture.Next().Resend());
        Assert.Equal(2, _fixture.Journal.Counters.Resends);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Drain_answers_what_is_queued_and_does_not_wait(bool wasBlocking)
    {
        _fixture.SetBlocking(wasBlocking);
        Connection connection = _fixture.Next(new Refusing());
        Assert.Equal(0, connection.Drain());
        _fixture.Send(Message.Init(7, 45, 0));
        _fixture.Send(Message.Read(2, 0, 10, unique: 4));
        _fixture.Send(Message.Request(FuseOpcode.FUSE_FORGET, 2, new byte[8], unique: 6));
        _fixture.Send(Message.Request(FuseOpcode.FUSE_RELEASE, 2, new byte[24], unique: 8));
        Assert.Equal(4, connection.Drain());
        Message.Payload<FuseInitOut>(_fixture.Receive());
        Assert.Equal(Message.Error(FuseErrno.EIO, 4), _fixture.Receive());
        Assert.Equal(Message.Error(FuseErrno.None, 8), _fixture.Receive());
        Assert.False(_fixture.HasReply());
        Assert.True(_fixture.IsBlocking);
        Assert.Equal(0ul, _fixture.Slots.UniqueIn(0));
        Assert.True(_fixture.Journal.CreateSession().IsNegotiated);
        Assert.Equal(0, connection.Drain());
        _fixture.End();
        Assert.Equal(0, connection.Drain());
    }

    [Fact]
    public void Drain_comes_back_however_fast_requests_come()
    {
        Connection connection = _fixture.Next(new Refusing());
        byte[] forget = Message.Request(FuseOpcode.FUSE_FORGET, 2, new byte[8], unique: 6); // no answer: the socket does not fill
        using CancellationTokenSource enough = new();
        Thread flood = new(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                _fixture.Send(forget);
            }
        });
        flood.Start();
        try
        {
            Assert.True(SpinWait.SpinUntil(() => connection.Drain() >= 256, Patience), "the flood is too slow to tell");
            Assert.InRange(Enumerable.Range(0, 50).Max(_ => connection.Drain()), 1, 256);
        }
        finally
        {
            enough.Cancel();
            while (!flood.Join(10))
            {
                connection.Drain();
            }
        }
    }

    [Fact]
    public async Task Drained_request_is_in_a_slot_until_it_is_answered()
    {
        using Gate gate = new();
        Connection dying = _fixture.Next(gate);
        _fixture.Send(Message.Read(2, 0, 65536, unique: 4));
        Task<int> stuck = Task.Factory.StartNew(dying.Drain, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(gate.Arrived.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.False(_fixture.IsBlocking);
        Assert.Equal(1, _fixture.Next().Recover());
        Assert.Equal(TinyFileSystem.Meminfo, _fixture.Receive()[16..]);
        gate.Open();
        await stuck.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Recovery_comes_before_the_start()
    {
        Connection connection = _fixture.Next();
        connection.Start(1);
        Assert.Throws<InvalidOperationException>(() => connection.Recover());
        Assert.Throws<InvalidOperationException>(() => connection.Drain());
        Connection gone = _fixture.Next();
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.Recover());
        Assert.Throws<ObjectDisposedException>(() => gone.Drain());
        Assert.Throws<ObjectDisposedException>(() => gone.Resend());
    }

    [Fact]
    public void Watcher_sees_how_long_a_request_is_in_hand_and_how_long_all_are_idle()
    {
        using Gate gate = new();
        Connection connection = _fixture.Next(gate);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (connection.LongestRequest, connection.IdleFor));
        connection.Start(4);
        Assert.True(SpinWait.SpinUntil(() => connection.IdleFor > TimeSpan.FromMilliseconds(50), Patience));
        Assert.Equal(TimeSpan.Zero, connection.LongestRequest);

        _fixture.Send(Message.Read(2, 0, 65536, unique: 4));
        Assert.True(SpinWait.SpinUntil(() => connection.LongestRequest > TimeSpan.FromMilliseconds(100), Patience));
        _fixture.Send(Message.Request(FuseOpcode.FUSE_STATFS, 1, unique: 6)); // others go on: the oldest counts
        _fixture.Receive();
        Assert.InRange(connection.LongestRequest, TimeSpan.FromMilliseconds(100), Patience);
        Assert.Equal(TimeSpan.Zero, connection.IdleFor);

        gate.Open();
        _fixture.Receive();
        Assert.True(SpinWait.SpinUntil(() => connection.LongestRequest == TimeSpan.Zero, Patience));
        Assert.True(SpinWait.SpinUntil(() => connection.IdleFor > TimeSpan.FromMilliseconds(50), Patience));
    }

    public void Dispose() => _fixture.Dispose();

    /// <summary>The first READ never comes back, until the end.</summary>
    private sealed class Gate : TinyFileSystem, IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        public ManualResetEventSlim Arrived { get; } = new();

        public void Open() => _open.Set();

        public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
        {
            Arrived.Set();
            _open.Wait(Patience * 3);
            return base.Read(in context, handle, offset, destination, out length);
        }

        public void Dispose() => _open.Set(); // not disposed: a thread may be in it
    }

    /// <summary>What a keeper answers with.</summary>
    private sealed class Refusing : TinyFileSystem
    {
        public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
        {
            length = 0;
            return FuseErrno.EIO;
        }
    }
}
