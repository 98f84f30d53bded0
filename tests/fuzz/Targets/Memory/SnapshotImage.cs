using ProcFs.Fuzz.Engine;
using ProcFs.Interop;
using ProcFs.Tree;

namespace ProcFs.Fuzz.Targets.Memory;

/// <summary>The table of open files and the beginnings of their texts. A successor opens it, reads on, opens and closes.</summary>
internal sealed unsafe class SnapshotImage : IMemoryImage
{
    private const int Entries = 8;
    private const int TextPart = 64;
    private const int TableSize = 8192; // a page with the head, a page with the entries
    private const int EntriesAt = 4096;

    private static readonly nuint Length = (nuint)SnapshotTable.BytesFor(Entries);

    public SnapshotImage()
    {
        Right = new byte[TableSize + (Entries * TextPart)];
        byte* memory = Map();
        SnapshotTable table = SnapshotTable.Open(memory, (long)Length, Entries, out _)!;
        HandleTable handles = new(table);
        for (int file = 0; file < 4; file++)
        {
            ulong handle = handles.Open((ulong)(16 + file), (ulong)(100 + file));
            OpenFile open = handles.Find(handle, (ulong)(16 + file))!;
            lock (open.Lock)
            {
                _ = handles.TryKeep(open, handle, (ulong)(200 + file), "MemTotal:        1024 kB\n"u8);
            }
        }

        new ReadOnlySpan<byte>(memory, TableSize).CopyTo(Right);
        for (int i = 0; i < Entries; i++)
        {
            new ReadOnlySpan<byte>(table.Text(i), TextPart).CopyTo(Right.AsSpan(TableSize + (i * TextPart)));
        }

        _ = Libc.Munmap(memory, Length);
    }

    public byte[] Right { get; }

    public IEnumerable<int> Places => [0, 8, 12, 16, EntriesAt, EntriesAt + 4, EntriesAt + 8, EntriesAt + 16, EntriesAt + 24, EntriesAt + 32, EntriesAt + 36, EntriesAt + sizeof(Snapshot)];

    public void Try(byte[] bytes, byte flags)
    {
        byte* memory = Map();
        try
        {
            bytes.AsSpan(0, TableSize).CopyTo(new Span<byte>(memory, TableSize));
            for (int i = 0; i < Entries; i++)
            {
                bytes.AsSpan(TableSize + (i * TextPart), TextPart).CopyTo(new Span<byte>(memory + TableSize + ((long)i * SnapshotTable.LongestText), TextPart));
            }

            SnapshotTable? table = SnapshotTable.Open(memory, (long)Length, Entries, out _);
            FuzzDefect.Unless(table is { Count: > 0 and <= Entries }, "there is a table of open files, the old one or a new one");
            Use(table!);
        }
        finally
        {
            _ = Libc.Munmap(memory, Length);
        }
    }

    public void Dispose()
    {
    }

    private static byte* Map() => Libc.Mmap(Length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE, -1, 0, out _);

    private static void Use(SnapshotTable table)
    {
        HandleTable handles = new(table);
        FuzzDefect.Unless(handles.Count >= 0 && handles.Count <= table.Count, "no more files are open than there are places");
        for (int i = 0; i < table.Count; i++)
        {
            Snapshot entry = *table.Entry(i);
            ulong handle = ((ulong)entry.Generation << 32) | (uint)i;
            if (handles.Find(handle, entry.NodeId) is { } file)
            {
                lock (file.Lock)
                {
                    ReadOnlySpan<byte> text = file.TextOf(entry.Generation);
                    FuzzDefect.Unless(text.Length <= SnapshotTable.LongestText && (text.IsEmpty || text[^1] >= 0), "a text that is taken over is within its place");
                }
            }
        }

        for (uint round = 0; round < 2 * Entries; round++)
        {
            ulong node = 16 + (round % 3), handle = handles.Open(node, round, isResent: round % 4 == 0);
            OpenFile? file = handles.Find(handle, node);
            FuzzDefect.Unless(file is not null, "a file that was just opened is open");
            lock (file!.Lock)
            {
                uint generation = HandleTable.GenerationOf(handle);
                FuzzDefect.Unless(handles.TryKeep(file, handle, round, "new\n"u8) && file.TextOf(generation).SequenceEqual("new\n"u8), "a text that is kept is there");
            }

            if (round % 2 == 0)
            {
                handles.Release(handle);
            }

            FuzzDefect.Unless(handles.Count >= 0 && handles.Count <= table.Count, "no more files are open than there are places");
        }
    }
}
