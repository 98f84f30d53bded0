using ProcFs.Fuse.Wire;
using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>
/// The workers' buffers, one slot each: a request of 8 KiB, in a <see cref="Journal"/> or in private memory, and a reply, always
/// private. While a worker waits for a request, <c>unique</c> in its slot's header is 0; the kernel writes a request into the slot in
/// one go, so at every instant a slot tells whether it holds a request that may still want its answer.
/// </summary>
public sealed unsafe class RequestSlots : IDisposable
{
    /// <summary>Bytes of a request: the kernel wants max(8192, 40 + 40 + max_write) and answers EINVAL to a smaller read(2).</summary>
    public const int RequestSize = 8192;

    /// <summary>Bytes of a reply: its header and one READ of the default 32 pages of 4 KiB.</summary>
    public const int ReplySize = FuseOutHeader.Size + (128 * 1024);

    /// <summary>The most workers one connection has.</summary>
    public const int MaxCount = 8;

    private readonly byte*[] _replies;
    private readonly Journal? _journal;
    private byte* _requests;

    /// <summary>Slots in private memory (1 to 8), which is lost with the process: no other server can take over.</summary>
    /// <exception cref="FuseException">There is not enough memory.</exception>
    public RequestSlots(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        _replies = new byte*[count];
        _requests = MapPrivate(count * RequestSize, out Errno error);
        if (_requests is null)
        {
            throw new FuseException($"cannot map {count * RequestSize} bytes for {count} request slots: {Libc.Describe(error)}", (FuseErrno)error);
        }

        Prepare(count);
    }

    /// <summary>The slots of a journal, all eight of them. The journal's memory stays until these are disposed, too.</summary>
    public RequestSlots(Journal journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        journal.AddReference();
        _journal = journal;
        _replies = new byte*[MaxCount];
        _requests = journal.Slot(0);
    }

    /// <summary>How many slots there are: as many workers can run.</summary>
    public int Count => _replies.Length;

    /// <summary>Where the requests outlive the process; null when they do not.</summary>
    internal Journal? Journal => _journal;

    internal byte* Request(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Count, nameof(slot));
        ObjectDisposedException.ThrowIf(_requests is null, this);
        return _requests + (slot * RequestSize);
    }

    /// <summary>The reply buffer of a worker; <see cref="Prepare"/> has made it.</summary>
    internal byte* Reply(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Count, nameof(slot));
        ObjectDisposedException.ThrowIf(_requests is null, this);
        return _replies[slot];
    }

    /// <summary>Makes the reply buffers of the first workers; the others' take no memory. One thread at a time.</summary>
    /// <exception cref="FuseException">There is no memory for them, or it may not be locked; the message says what to do.</exception>
    internal void Prepare(int workers)
    {
        ObjectDisposedException.ThrowIf(_requests is null, this);
        for (int i = 0; i < workers; i++)
        {
            if (_replies[i] is not null)
            {
                continue;
            }

            byte* reply = MapPrivate(ReplySize, out Errno error);
            if (reply is null)
            {
                throw new FuseException($"cannot map {ReplySize} bytes for a reply: {Libc.Describe(error)}", (FuseErrno)error);
            }

            // A reply that the kernel cannot read at once, while a SIGKILL is pending, ends its request with EIO.
            error = _journal is null ? Errno.None : LockedMemory.Lock(reply, ReplySize);
            if (error != Errno.None)
            {
                _ = Libc.Munmap(reply, ReplySize);
                throw LockedMemory.Refusal("replies", ReplySize, error);
            }

            _replies[i] = reply;
        }
    }

    /// <summary>The request's id in a slot; 0: nothing owed.</summary>
    internal ulong UniqueIn(int slot) => Volatile.Read(ref *(ulong*)(Request(slot) + FuseInHeader.UniqueOffset));

    /// <summary>Says "nothing owed here". Release order: what the worker wrote before is visible to whoever sees the 0.</summary>
    internal void Clear(int slot) => Volatile.Write(ref *(ulong*)(Request(slot) + FuseInHeader.UniqueOffset), 0);

    /// <summary>Gives up the memory. No worker may be running.</summary>
    public void Dispose()
    {
        if (_requests is null)
        {
            return;
        }

        for (int i = 0; i < Count; i++)
        {
            if (_replies[i] is not null)
            {
                _ = Libc.Munmap(_replies[i], ReplySize);
            }
        }

        if (_journal is null)
        {
            _ = Libc.Munmap(_requests, (nuint)(Count * RequestSize));
        }
        else
        {
            _journal.RemoveReference();
        }

        _requests = null;
    }

    private static byte* MapPrivate(int length, out Errno error) => Libc.Mmap(
        (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_POPULATE, -1, 0, out error);
}
