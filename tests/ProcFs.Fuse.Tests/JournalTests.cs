using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

public unsafe class JournalTests
{
    private const string Mount = "/run/procfs test/ü";

    // Programs of other versions read it: a change here is a new layout version, and a session lost in every upgrade.
    [Fact]
    public void Layout_is_pinned()
    {
        Assert.Equal(4096, Unsafe.SizeOf<JournalHeader>());
        Assert.Equal(16, Unsafe.SizeOf<PoisonRecord>());
        Assert.Equal("PSFJRNL1"u8, BitConverter.GetBytes(JournalHeader.CurrentMagic));
        Assert.Equal(1u, JournalHeader.CurrentLayout);
        string actual = string.Join(' ', typeof(JournalHeader).GetFields()
            .Where(f => !f.IsStatic)
            .Select(f => $"{f.Name}:{(int)Marshal.OffsetOf<JournalHeader>(f.Name)}"));
        Assert.Equal(
            "Magic:0 Layout:8 SlotCount:12 SlotSize:16 ApplicationVersion:20 SlotsOffset:24 ApplicationOffset:32 ApplicationLength:40 "
            + "IsMounted:48 IsNegotiated:52 InitFlags:56 Minor:64 Connection:68 NodeTime:72 Epoch:80 HeartbeatNs:88 SlotsAnswered:96 "
            + "Resends:104 Poisoned:112 MountLength:120 Mount:1024 Poison:2048",
            actual);
    }

    [Fact]
    public void Slots_and_application_are_where_the_header_says()
    {
        using Journal journal = Journal.Create(Mount, 3, 70_000);
        JournalHeader header = journal.Header;
        Assert.Equal((65536ul, 8u, 8192u), (header.SlotsOffset, header.SlotCount, header.SlotSize));
        Assert.Equal((131072ul, 70_000ul, 3u), (header.ApplicationOffset, header.ApplicationLength, header.ApplicationVersion));
        fixed (JournalHeader* start = &journal.Header)
        {
            Assert.Equal(65536, journal.Slot(0) - (byte*)start);
            Assert.Equal(65536 + (7 * 8192), journal.Slot(7) - (byte*)start);
            Assert.Equal(131072, journal.Application - (byte*)start);
            Assert.Equal(2048 + (7 * 16), (byte*)Unsafe.AsPointer(ref journal.PoisonOf(7)) - (byte*)start);
        }

        Assert.Equal(0, new ReadOnlySpan<byte>(journal.Application, 70_000).IndexOfAnyExcept((byte)0) + 1);
        Assert.Equal(MemoryFile.JournalSeals, Libc.GetSeals(journal.Number) & MemoryFile.JournalSeals);
        Assert.Contains("procfs-journal", new FileInfo($"/proc/self/fd/{journal.Number}").LinkTarget, StringComparison.Ordinal);
    }

    [Fact]
    public void What_one_process_writes_the_next_finds()
    {
        Journal first = Journal.Create(Mount, 7, 5000);
        Assert.Equal(((ulong)0, false, 0u, 0L), (first.Epoch, first.IsMounted, first.Connection, first.HeartbeatNs));
        first.IsMounted = true;
        first.Connection = 49;
        first.HeartbeatNs = long.MaxValue;
        Assert.Equal(1ul, first.BeginEpoch());
        Assert.Equal(2ul, first.BeginEpoch());
        first.Application[4999] = 42;
        first.CountAnswered();
        first.CountAnswered();
        first.CountResend();
        first.CountPoisoned();
        ulong inode = first.Inode;
        int copy = MemoryFile.Again(first.Number);
        first.Dispose();
        first.Dispose();

        using Journal second = Journal.TryOpen(copy, out string? defect) ?? throw new InvalidOperationException(defect);
        Assert.Null(defect);
        Assert.Equal(copy, second.Number);
        Assert.Equal((inode, Mount), (second.Inode, second.Mount));
        Assert.Equal((2ul, true, 49u, long.MaxValue), (second.Epoch, second.IsMounted, second.Connection, second.HeartbeatNs));
        Assert.Equal((7u, 5000L, (byte)42), (second.ApplicationVersion, second.ApplicationLength, second.Application[4999]));
        Assert.Equal(new JournalCounters(SlotsAnswered: 2, Resends: 1, Poisoned: 1), second.Counters);
        Assert.Equal(3ul, second.BeginEpoch());
    }

    [Fact]
    public void Two_journals_are_told_apart_by_inode()
    {
        using Journal one = Journal.Create(Mount, 1, 0);
        using Journal other = Journal.Create(Mount, 1, 0);
        Assert.NotEqual(one.Inode, other.Inode);
        Assert.NotEqual(0ul, one.Inode);
    }

    [Fact]
    public void Session_is_persisted_before_INIT_is_answered_and_restored()
    {
        using Journal journal = Journal.Create(Mount, 1, 0);
        SessionParameters first = journal.CreateSession();
        Assert.False(first.IsNegotiated);
        Assert.Equal(0, first.NodeTime.Millisecond);
        Dispatcher dispatcher = new(new TinyFileSystem(), first, new ListLogger());
        byte[] reply = new byte[RequestSlots.ReplySize];
        dispatcher.Dispatch(Message.Init(7, 41, ulong.MaxValue), reply, 0);
        Assert.True(first.HasResend);

        SessionParameters second = journal.CreateSession();
        Assert.True(second.IsNegotiated);
        Assert.Equal((41u, first.Flags, first.NodeTime), (second.Minor, second.Flags, second.NodeTime));

        // INIT found in a slot: settled anew, and the journal must follow.
        new Dispatcher(new TinyFileSystem(), second, new ListLogger()).Dispatch(Message.Init(7, 31, (ulong)FuseInitFlags.FUSE_ASYNC_READ), reply, 0);
        SessionParameters third = journal.CreateSession();
        Assert.Equal((31u, (ulong)FuseInitFlags.FUSE_ASYNC_READ, false), (third.Minor, third.Flags, third.HasResend));
    }

    [Fact]
    public void Slots_of_a_journal_survive_its_disposal()
    {
        Journal journal = Journal.Create(Mount, 1, 0);
        RequestSlots slots = new(journal);
        journal.Dispose();
        slots.Clear(7); // a worker that still runs
        Assert.Equal(0ul, slots.UniqueIn(7));
        Assert.Throws<ObjectDisposedException>(() => journal.Epoch);
        Assert.Throws<ObjectDisposedException>(() => journal.TryLock());
        Assert.Throws<ObjectDisposedException>(() => new RequestSlots(journal));
        int number = journal.Number;
        Assert.True(Libc.GetSeals(number) > 0);
        slots.Dispose();
        slots.Dispose();
        Assert.Throws<ObjectDisposedException>(() => slots.Clear(7));
    }

    [Theory]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/with\0nul")]
    public void Mount_must_be_a_path(string mount) => Assert.Throws<ArgumentException>(() => Journal.Create(mount, 1, 0));

    [Fact]
    public void Mount_has_at_most_1024_bytes()
    {
        string longest = "/" + new string('x', 1023);
        using Journal journal = Journal.Create(longest, 1, 0);
        using Journal again = Journal.TryOpen(MemoryFile.Again(journal.Number), out _)!;
        Assert.Equal(longest, again.Mount);
        Assert.Throws<ArgumentException>(() => Journal.Create(longest + "x", 1, 0));
        Assert.Throws<ArgumentException>(() => Journal.Create("/" + new string('ü', 512), 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Journal.Create("/", 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Journal.Create("/", 1, long.MaxValue));
    }
}
