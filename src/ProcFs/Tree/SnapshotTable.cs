using System.Runtime.InteropServices;
using ProcFs.Interop;

namespace ProcFs.Tree;

/// <summary>
/// The open files and their texts in memory that can outlive the daemon: a page with the number of entries and the last generation,
/// one <see cref="Snapshot"/> each, then the texts at fixed places. What is never written takes no memory, so the places are wide: no
/// text of a host of today is longer. What a successor finds is validated once, here; after that the memory is the daemon's own.
/// </summary>
internal sealed unsafe class SnapshotTable : IDisposable
{
    /// <summary>Of the layout; another one is not understood.</summary>
    public const uint Version = 1;

    /// <summary>A longer text is not kept here.</summary>
    public const int LongestText = 1024 * 1024;

    /// <summary>Address space, mostly: 64 GiB of it.</summary>
    public const int MostEntries = 1 << 16;

    private const int PageSize = 4096;
    private const ulong Magic = 0x31_54_41_50_53_46_50; // "PFSPAT1"

    private readonly byte* _memory;
    private readonly Header* _header;
    private readonly byte* _texts;
    private nuint _mapped;

    private SnapshotTable(byte* memory, int count, nuint mapped)
    {
        _memory = memory;
        _header = (Header*)memory;
        _texts = memory + TextsAt(count);
        _mapped = mapped;
        Count = count;
    }

    /// <summary>How many files can be open.</summary>
    public int Count { get; }

    /// <summary>The generation that was handed out last. It goes on where an earlier daemon ended.</summary>
    public uint Generation => _header->Generation;

    /// <summary>The table that is in the memory; a new one where there is none yet, or none that can be used.</summary>
    /// <param name="memory">Page aligned; it must last as long as the table is used.</param>
    /// <param name="length">How much of it there is.</param>
    /// <param name="entries">How many entries a new table gets, as far as they fit.</param>
    /// <param name="defect">What was wrong with the one that was found, in a few words; null: nothing, or there was none.</param>
    /// <returns>Null when the memory is too small for any table.</returns>
    public static SnapshotTable? Open(byte* memory, long length, int entries, out string? defect)
    {
        defect = null;
        if (memory is null || length < BytesFor(1))
        {
            defect = $"{length} bytes are too few for a table of open files";
            return null;
        }

        Header* header = (Header*)memory;
        if (header->Magic != 0)
        {
            defect = DefectOf(header, length);
            if (defect is null)
            {
                SnapshotTable found = new(memory, (int)header->Count, 0);
                found.Clean();
                return found;
            }
        }

        SnapshotTable created = Create(memory, Math.Clamp(entries, 1, MostThatFit(length)), 0);
        if (defect is not null)
        {
            created.Discard(0, created.Count);
        }

        return created;
    }

    /// <summary>A table in memory of its own, which ends with the process.</summary>
    /// <exception cref="Failure">There is not enough memory.</exception>
    public static SnapshotTable CreatePrivate(int entries)
    {
        // Shared with nobody, but of the same kind as a memfd: only such pages can be given back one by one.
        nuint length = (nuint)BytesFor(entries);
        byte* memory = Libc.Mmap(length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE, -1, 0, out Errno error);
        if (memory is null)
        {
            throw new Failure(ExitCode.Failed, $"cannot map memory for {entries} open files: {Libc.Describe(error)}; lower openFiles");
        }

        _ = Libc.LeaveOutOfDumps(memory, length);
        return Create(memory, entries, length);
    }

    /// <summary>How much memory a table needs. Most of it stays untouched.</summary>
    public static long BytesFor(int entries) => TextsAt(entries) + ((long)entries * LongestText);

    /// <summary>How many pages a text takes.</summary>
    public static int PagesFor(int length) => (length + PageSize - 1) / PageSize;

    public Snapshot* Entry(int index) => (Snapshot*)(_memory + PageSize) + Checked(index);

    public byte* Text(int index) => _texts + ((long)Checked(index) * LongestText);

    /// <summary>The next generation, never 0. To be called by one thread at a time.</summary>
    public uint TakeGeneration()
    {
        uint next = _header->Generation == uint.MaxValue ? 1 : _header->Generation + 1;
        Volatile.Write(ref _header->Generation, next);
        return next;
    }

    /// <summary>Gives the memory of texts back.</summary>
    public void Discard(int first, int count)
    {
        Checked(first + count - 1);
        _ = Libc.RemovePages(Text(first), (nuint)count * LongestText);
    }

    /// <summary>Unmaps a private table; nobody may be using it. Memory that was given stays as it is.</summary>
    public void Dispose()
    {
        if (_mapped != 0)
        {
            _ = Libc.Munmap(_memory, _mapped);
            _mapped = 0;
        }
    }

    private static SnapshotTable Create(byte* memory, int entries, nuint mapped)
    {
        Header* header = (Header*)memory;
        header->Magic = 0;
        new Span<byte>(memory + PageSize, entries * sizeof(Snapshot)).Clear();
        header->Version = Version;
        header->Count = (uint)entries;
        // Not from 1: a handle that the kernel still holds from an earlier daemon must not be taken for one of ours.
        header->Generation = (uint)Random.Shared.Next(1, int.MaxValue);
        Volatile.Write(ref header->Magic, Magic);
        return new SnapshotTable(memory, entries, mapped);
    }

    private static string? DefectOf(Header* header, long length)
    {
        if (header->Magic != Magic)
        {
            return "not a table of open files";
        }

        if (header->Version != Version)
        {
            return $"table version {header->Version}, this program knows {Version}";
        }

        return header->Count is 0 or > MostEntries || BytesFor((int)header->Count) > length
            ? $"a table of {header->Count} open files does not fit into {length} bytes"
            : null;
    }

    /// <summary>Frees every entry that no daemon can have written like that.</summary>
    private void Clean()
    {
        for (int i = 0; i < Count; i++)
        {
            Snapshot* entry = Entry(i);
            bool isOpen = entry->Generation != 0 && (int)(Generation - entry->Generation) >= 0 && entry->NodeId != 0 && entry->OpenedBy != 0;
            if (!isOpen)
            {
                entry->Generation = 0;
            }

            if (entry->Pages < 0 || entry->Pages > PagesFor(LongestText))
            {
                entry->Pages = PagesFor(LongestText);
            }

            if (!isOpen || entry->Length is < 0 or > LongestText || PagesFor(entry->Length) > entry->Pages || entry->RenderedBy > long.MaxValue)
            {
                entry->RenderedFor = 0;
                entry->Length = 0;
            }
        }
    }

    private static long TextsAt(int entries) => (PageSize + ((long)entries * sizeof(Snapshot)) + PageSize - 1) & -PageSize;

    private static int MostThatFit(long length)
    {
        int entries = (int)Math.Min((length - PageSize) / (LongestText + sizeof(Snapshot)), MostEntries);
        // What rounding up to a page takes.
        return BytesFor(entries) <= length ? entries : entries - 1;
    }

    private int Checked(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public ulong Magic;
        public uint Version;
        public uint Count;
        public uint Generation;
    }
}
