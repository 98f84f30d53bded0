using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Fuse;
using ProcFs.Fuse.Wire;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Fuzz.Targets.Memory;

/// <summary>A journal's first page, then its request slots, of which three are owed. A successor opens it and answers what is owed.</summary>
internal sealed unsafe class JournalImage : IMemoryImage
{
    private const int HeaderSize = 4096;
    private const int SlotsAt = 64 * 1024;
    private const int SlotsSize = RequestSlots.MaxCount * RequestSlots.RequestSize;
    private const int Application = 8192;
    private const int Length = SlotsAt + SlotsSize + Application;

    public JournalImage()
    {
        Right = new byte[HeaderSize + SlotsSize];
        using Journal journal = Journal.Create("/mnt", 1, Application);
        fixed (JournalHeader* header = &journal.Header)
        {
            new ReadOnlySpan<byte>(header, HeaderSize).CopyTo(Right);
        }

        byte[][] owed = [Requests.Make(FuseOpcode.FUSE_LOOKUP, 1, "common\0"u8), Requests.Make(FuseOpcode.FUSE_READ, 16, new byte[40]), Requests.Make(FuseOpcode.FUSE_INIT, 0, new byte[64])];
        for (int slot = 0; slot < owed.Length; slot++)
        {
            owed[slot].CopyTo(Right, HeaderSize + (slot * RequestSlots.RequestSize));
        }
    }

    public byte[] Right { get; }

    public IEnumerable<int> Places => [0, 8, 12, 16, 24, 32, 40, 48, 52, 56, 64, 72, 120, 1024, 2048, 2056, HeaderSize, HeaderSize + 4, HeaderSize + 8, HeaderSize + RequestSlots.RequestSize];

    public void Try(byte[] bytes, byte flags)
    {
        int file = Libc.MemfdCreate("fuzz", Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING);
        FuzzDefect.Unless(file >= 0 && Libc.Ftruncate(file, Length) == 0, "a file in memory can be made");
        byte* memory = Libc.Mmap(Length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, file, 0, out _);
        bytes.AsSpan(0, HeaderSize).CopyTo(new Span<byte>(memory, HeaderSize));
        bytes.AsSpan(HeaderSize).CopyTo(new Span<byte>(memory + SlotsAt, SlotsSize));
        _ = Libc.Munmap(memory, Length);
        FuzzDefect.Unless(Libc.AddSeals(file, Libc.F_SEAL_SHRINK | Libc.F_SEAL_GROW | Libc.F_SEAL_SEAL) == 0, "a file in memory can be sealed");

        using Journal? journal = Journal.TryOpen(file, out string? defect);
        FuzzDefect.Unless(journal is null == defect is not null, "a journal that is none has a defect");
        if (journal is null)
        {
            FuzzDefect.Unless(defect is not "" && Libc.GetSeals(file) >= 0, "the descriptor of a journal that is none stays open");
            _ = Libc.Close(file);
            return;
        }

        Recover(journal);
    }

    public void Dispose()
    {
    }

    private static void Recover(Journal journal)
    {
        FuzzDefect.Unless(Libc.SocketPair(Libc.SOCK_SEQPACKET, out int kernel, out int server) == 0, "a pair of sockets can be made");
        using FileDescriptor end = new(kernel);
        FuzzDefect.Unless(Libc.SetBlocking(kernel, false) == 0, "a socket need not block");
        Dispatcher dispatcher = new(new RefusingFileSystem(), journal.CreateSession(), NullLogger.Instance);
        RequestSlots slots = new(journal);
        using (Connection connection = new(FuseDevice.Adopt(server), slots, dispatcher, NullLogger.Instance))
        {
            int answered = connection.Recover();
            FuzzDefect.Unless(answered is >= 0 and <= RequestSlots.MaxCount, "no more is answered than is owed");
            for (int slot = 0; slot < slots.Count; slot++)
            {
                FuzzDefect.Unless(slots.UniqueIn(slot) == 0, "nothing is owed when it was answered");
            }

            byte[] reply = new byte[RequestSlots.ReplySize];
            int replies = 0;
            for (nint length; (length = Libc.Read(kernel, reply)) > 0; replies++)
            {
                FuseOutHeader header = MemoryMarshal.Read<FuseOutHeader>(reply);
                FuzzDefect.Unless(length >= FuseOutHeader.Size && header.Len == length && header.Unique != 0 && header.Error is <= 0 and >= -511, "an answer for a dead server is one");
            }

            FuzzDefect.Unless(replies == answered, "as many are answered as it says");
        }

        _ = journal.Counters;
    }
}
