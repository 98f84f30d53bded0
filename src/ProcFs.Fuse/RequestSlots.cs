using ProcFs.Fuse.Wire;
using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>
/// The workers' buffers, one slot each, in one block of native memory with a fixed layout:
/// request (8 KiB), then reply (16 + 128 KiB, rounded up to pages), slot after slot, all page aligned.
/// While a worker waits for a request, <c>unique</c> in its slot's header is 0; the kernel writes a request into the slot in one
/// go, so at every instant a slot tells whether it holds a request that may still want its answer.
/// </summary>
public sealed unsafe class RequestSlots : IDisposable
{
    /// <summary>Bytes of a request: the kernel wants max(8192, 40 + 40 + max_write) and answers EINVAL to a smaller read(2).</summary>
    public const int RequestSize = 8192;

    /// <summary>Bytes of a reply: its header and one READ of the default 32 pages of 4 KiB.</summary>
    public const int ReplySize = FuseOutHeader.Size + (128 * 1024);

    /// <summary>The most workers one connection has.</summary>
    public const int MaxCount = 8;

    private const int PageSize = 4096;
    private const int SlotSize = RequestSize + ((ReplySize + PageSize - 1) & ~(PageSize - 1));

    private byte* _start;

    /// <summary>Maps and touches memory for <paramref name="count"/> slots (1 to 8).</summary>
    /// <exception cref="FuseException">There is not enough memory.</exception>
    public RequestSlots(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        _start = Libc.Mmap(
            (nuint)(count * SlotSize),
            Libc.PROT_READ | Libc.PROT_WRITE,
            Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_POPULATE,
            -1,
            0,
            out Errno error);
        if (_start is null)
        {
            throw new FuseException($"cannot map {count * SlotSize} bytes for {count} request slots: {Libc.Describe(error)}", (FuseErrno)error);
        }

        Count = count;
    }

    /// <summary>How many slots there are: as many workers can run.</summary>
    public int Count { get; }

    internal byte* Request(int slot) => Slot(slot);

    internal byte* Reply(int slot) => Slot(slot) + RequestSize;

    /// <summary>Says "nothing owed here". Release order: what the worker wrote before is visible to whoever sees the 0.</summary>
    internal void Clear(int slot) => Volatile.Write(ref *(ulong*)(Slot(slot) + FuseInHeader.UniqueOffset), 0);

    /// <summary>Unmaps the memory. No worker may be running.</summary>
    public void Dispose()
    {
        if (_start is not null)
        {
            _ = Libc.Munmap(_start, (nuint)(Count * SlotSize));
            _start = null;
        }
    }

    private byte* Slot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Count, nameof(slot));
        ObjectDisposedException.ThrowIf(_start is null, this);
        return _start + (slot * SlotSize);
    }
}
