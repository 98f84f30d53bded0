using System.Runtime.InteropServices;
using System.Text;
using ProcFs.Cgroups;
using ProcFs.Interop;
using ProcFs.Sampling;

namespace ProcFs.Triggers;

/// <summary>
/// The triggers of a session in a mapped file, so that the next daemon can set them again: a page that says what it is, then a page for
/// each. A page has real space before it is touched. An earlier version of this program knows nothing of the file, and the handles in it
/// mean nothing in another session. Not safe for several threads.
/// </summary>
internal sealed unsafe class TriggerFile : IDisposable
{
    /// <summary>Of the layout; another one is not understood.</summary>
    public const uint Version = 1;

    /// <summary>The most triggers of a host. Each that watches is an open file of the daemon.</summary>
    public const int MostRecords = 1024;

    /// <summary>A longer path is not kept.</summary>
    public const int LongestPath = PageSize - PathOffset;

    private const int PageSize = 4096;
    private const int PathOffset = 256;
    private const ulong Magic = 0x31_47_52_54_53_46_50; // "PFSTRG1"

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly FileDescriptor _file;
    private readonly byte* _memory;
    private readonly Stack<int> _free = new();

    private TriggerFile(FileDescriptor file, byte* memory)
    {
        _file = file;
        _memory = memory;
    }

    /// <summary>Pages for triggers that have space.</summary>
    public int Count { get; private set; }

    /// <summary>Opens the file of this session, or makes a new one. Null and why not.</summary>
    /// <param name="path">Where.</param>
    /// <param name="boot">The kernel's boot id.</param>
    /// <param name="session">The journal's inode: no two sessions of a boot have the same.</param>
    /// <param name="defect">Null: all is well.</param>
    public static TriggerFile? Open(string path, Guid boot, ulong session, out string? defect)
    {
        // A pipe would be waited for.
        FileDescriptor? found = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out _);
        if (found is not null && TryAdopt(found, boot, session) is { } adopted)
        {
            defect = null;
            return adopted;
        }

        found?.Dispose();
        return Create(path, boot, session, out defect);
    }

    public TriggerRecord* Record(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return (TriggerRecord*)(_memory + ((index + 1L) * PageSize));
    }

    /// <summary>Writes a trigger down. Its page; -1: there is no room.</summary>
    public int Add(in TriggerRecord record, string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        if (length > LongestPath || TakePage() is not { } index)
        {
            return -1;
        }

        TriggerRecord* place = Record(index);
        ulong handle = record.Handle;
        *place = record with { Handle = 0, PathLength = length };
        Encoding.UTF8.GetBytes(path, new Span<byte>((byte*)place + PathOffset, length));
        Volatile.Write(ref place->Handle, handle); // a kill before this leaves nothing
        return index;
    }

    public void Remove(int index)
    {
        Volatile.Write(ref Record(index)->Handle, 0);
        _free.Push(index);
    }

    /// <summary>What a page says, if that is possible; else it is free from now on. Once for each page, after opening.</summary>
    public bool TryRead(int index, out TriggerRecord record, out TriggerPlace place)
    {
        record = *Record(index);
        place = default;
        bool isPossible = record is { Handle: not 0, NodeId: not 0, WrittenBy: not 0, IsFull: <= 1, IsPending: <= 1, PathLength: >= 0 and <= LongestPath }
            && new TriggerRequest(record.IsFull == 1, record.ThresholdUs, record.WindowUs).IsPossible
            && record.Resource <= (byte)PressureResource.Irq && record.Place <= (byte)TriggerPlaceKind.Cgroup;
        if (isPossible && PathOf(index, record.PathLength) is { } path)
        {
            bool isCgroup = record.Place == (byte)TriggerPlaceKind.Cgroup;
            isPossible = isCgroup ? CgroupPath.Normalise(path) == path && path != CgroupPath.Root : path.Length == 0;
            place = new TriggerPlace((TriggerPlaceKind)record.Place, path, new CgroupIdentity(record.CgroupDevice, record.CgroupInode));
        }
        else
        {
            isPossible = false;
        }

        if (!isPossible)
        {
            Remove(index);
        }

        return isPossible;
    }

    public void Dispose()
    {
        _ = Libc.Munmap(_memory, Length);
        _file.Dispose();
    }

    private static nuint Length => (MostRecords + 1) * PageSize;

    private static TriggerFile? TryAdopt(FileDescriptor file, Guid boot, ulong session)
    {
        bool isFile = Libc.Statx(file.Number, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) >= 0
            && (status.Mode & Libc.S_IFMT) == Libc.S_IFREG && status.Size is >= PageSize and <= (MostRecords + 1) * PageSize;
        Header header;
        if (!isFile || Libc.Read(file.Number, &header, (nuint)sizeof(Header)) != sizeof(Header)
            || header.Magic != Magic || header.Version != Version || header.Boot != boot || header.Session != session)
        {
            return null;
        }

        // What is a hole would have to find space when it is touched.
        int pages = (int)(status.Size / PageSize);
        byte* memory = Libc.Fallocate(file.Number, 0, (long)pages * PageSize) < 0 ? null : MappedFile.Map(file, Length, out _);
        return memory is null ? null : new TriggerFile(file, memory) { Count = pages - 1 };
    }

    private static TriggerFile? Create(string path, Guid boot, ulong session, out string? defect)
    {
        FileDescriptor? file = MappedFile.TryCreate(path, PageSize, Length, out byte* memory, out defect);
        if (file is null)
        {
            return null;
        }

        Header* header = (Header*)memory;
        header->Version = Version;
        header->Boot = boot;
        header->Session = session;
        Volatile.Write(ref header->Magic, Magic);
        return new TriggerFile(file, memory);
    }

    private int? TakePage()
    {
        if (_free.TryPop(out int free))
        {
            return free;
        }

        if (Count == MostRecords || Libc.Fallocate(_file.Number, (Count + 1L) * PageSize, PageSize) < 0)
        {
            return null;
        }

        return Count++;
    }

    private string? PathOf(int index, int length)
    {
        try
        {
            return StrictUtf8.GetString(new ReadOnlySpan<byte>((byte*)Record(index) + PathOffset, length));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public ulong Magic;
        public uint Version;
        public uint Padding;
        public Guid Boot;
        public ulong Session;
    }
}
