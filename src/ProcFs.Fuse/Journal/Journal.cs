using System.Runtime.CompilerServices;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>
/// The memory of a session that outlives its server: a file in memory (memfd_create(2)) with what INIT settled, the requests that
/// were read and may still want their answers, and a region that is the application's. Whoever keeps this descriptor and the
/// device's can let another server carry on.
/// </summary>
/// <remarks>
/// One process at a time works with the requests: the one that holds the record lock. The lock belongs to the process and goes with
/// it, and also as soon as the process closes <em>any</em> descriptor of the file: never close a duplicate while the lock matters.
/// </remarks>
public sealed unsafe partial class Journal : IDisposable
{
    /// <summary>The longest path of a mount, in bytes of UTF-8.</summary>
    public const int MaxMountLength = JournalHeader.MountCapacity;

    /// <summary>The end of the year 9999, in seconds.</summary>
    private const long MaxNodeTime = 253_402_300_799;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly FileDescriptor _descriptor;
    private readonly byte* _start;
    private readonly long _length;
    private readonly byte* _slots;
    private readonly byte* _application;
    private int _references = 1;
    private int _disposed;

    // The places are not looked up again in the memory, which others can write.
    private Journal(FileDescriptor descriptor, byte* start, long length, ulong inode, long slotsOffset, long applicationOffset, long applicationLength, string mount)
    {
        _descriptor = descriptor;
        _start = start;
        _length = length;
        _slots = start + slotsOffset;
        _application = start + applicationOffset;
        ApplicationLength = applicationLength;
        ApplicationVersion = ((JournalHeader*)start)->ApplicationVersion;
        Inode = inode;
        Mount = mount;
        // What a dump of this process made of the holes would last as long as the journal.
        _ = Libc.LeaveOutOfDumps(_application, (nuint)applicationLength);
    }

    /// <summary>The descriptor's number, valid until disposal. Close-on-exec.</summary>
    public int Number => _descriptor.Number;

    /// <summary>Tells one journal from another on this host, whatever descriptor it came by.</summary>
    public ulong Inode { get; }

    /// <summary>Where the session is mounted; a canonical path.</summary>
    public string Mount { get; }

    /// <summary>Whether mount(2) has succeeded on the session's device. A server may have died between the two.</summary>
    public bool IsMounted
    {
        get => Volatile.Read(ref Header.IsMounted) != 0;
        set => Volatile.Write(ref Header.IsMounted, value ? 1u : 0u);
    }

    /// <summary>The session's number for <see cref="FuseControl"/>, the minor of its st_dev; 0 when nobody has found out yet.</summary>
    public uint Connection
    {
        get => Volatile.Read(ref Header.Connection);
        set => Volatile.Write(ref Header.Connection, value);
    }

    /// <summary>How many servers have begun on this session.</summary>
    public ulong Epoch => Volatile.Read(ref Header.Epoch);

    /// <summary>When a server last said it is well, on CLOCK_MONOTONIC in nanoseconds; 0 before the first.</summary>
    public long HeartbeatNs
    {
        get => Volatile.Read(ref Header.HeartbeatNs);
        set => Volatile.Write(ref Header.HeartbeatNs, value);
    }

    /// <summary>The layout of <see cref="Application"/>, as its maker numbered it.</summary>
    public uint ApplicationVersion { get; }

    /// <summary>
    /// The application's own memory, page aligned and zero at first; takes no room until it is touched. Nothing in it can be trusted more
    /// than the programs that had the descriptor before.
    /// </summary>
    public byte* Application
    {
        get
        {
            ThrowIfDisposed();
            return _application;
        }
    }

    /// <summary>Bytes of <see cref="Application"/>.</summary>
    public long ApplicationLength { get; }

    /// <summary>What has happened so far.</summary>
    public JournalCounters Counters
        => new(Volatile.Read(ref Header.SlotsAnswered), Volatile.Read(ref Header.Resends), Volatile.Read(ref Header.Poisoned));

    internal ref JournalHeader Header
    {
        get
        {
            ThrowIfDisposed();
            return ref *(JournalHeader*)_start;
        }
    }

    /// <summary>Counts one more server; its number, from 1.</summary>
    public ulong BeginEpoch() => Interlocked.Increment(ref Header.Epoch);

    /// <summary>Takes the right to work with the requests; false when another process has it. Taken twice, it is still held once.</summary>
    public bool TryLock()
    {
        ThrowIfDisposed();
        return Libc.TryLock(Number) == 0;
    }

    /// <summary>Gives the right back.</summary>
    public void Unlock()
    {
        ThrowIfDisposed();
        _ = Libc.Unlock(Number);
    }

    /// <summary>Whether another process has the right, and which: pid 0 when it cannot be seen from here.</summary>
    public bool IsLockedByOther(out int pid)
    {
        ThrowIfDisposed();
        return Libc.IsLockedByOther(Number, out pid);
    }

    /// <summary>
    /// The session as its servers have negotiated it; one that waits for INIT when none has, and then writes the outcome here before the
    /// kernel gets its answer.
    /// </summary>
    public SessionParameters CreateSession()
    {
        ref JournalHeader header = ref Header;
        DateTimeOffset nodeTime = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(header.NodeTime, 0, MaxNodeTime));
        // INIT may be in a slot, answered or not, when its server dies: then it is settled again, and has to be persisted again.
        return Volatile.Read(ref header.IsNegotiated) != 0
            ? new SessionParameters(header.Minor, header.InitFlags) { NodeTime = nodeTime, Persist = Persist }
            : new SessionParameters { NodeTime = nodeTime, Persist = Persist };
    }

    /// <summary>Gives up the memory and the descriptor, and the lock with it; once no <see cref="RequestSlots"/> works with it any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            RemoveReference();
        }
    }

    internal byte* Slot(int index) => _slots + (index * RequestSlots.RequestSize);

    internal ref PoisonRecord PoisonOf(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)RequestSlots.MaxCount, nameof(slot));
        return ref Unsafe.AsRef<PoisonRecord>(((JournalHeader*)_start)->Poison + (slot * PoisonRecord.Size));
    }

    internal void CountAnswered() => Interlocked.Increment(ref ((JournalHeader*)_start)->SlotsAnswered);

    internal void CountResend() => Interlocked.Increment(ref ((JournalHeader*)_start)->Resends);

    internal void CountPoisoned() => Interlocked.Increment(ref ((JournalHeader*)_start)->Poisoned);

    /// <summary>Keeps the memory mapped beyond disposal.</summary>
    internal void AddReference()
    {
        ThrowIfDisposed();
        Interlocked.Increment(ref _references);
    }

    internal void RemoveReference()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _ = Libc.Munmap(_start, (nuint)_length);
            _descriptor.Dispose();
        }
    }

    private void Persist(uint minor, ulong flags)
    {
        JournalHeader* header = (JournalHeader*)_start;
        header->Minor = minor;
        header->InitFlags = flags;
        Volatile.Write(ref header->IsNegotiated, 1);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    /// <summary>UTF-8 that is not, a NUL and a relative path have no business in a mount's path.</summary>
    private static string? MountOf(ReadOnlySpan<byte> path)
    {
        try
        {
            return path.Length > 0 && path[0] == (byte)'/' && !path.Contains((byte)0) ? StrictUtf8.GetString(path) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
