using System.Runtime.InteropServices;

namespace ProcFs.Fuse;

/// <summary>
/// The first page of a journal. Another version of this program may have written it: a field never moves nor changes its meaning,
/// new ones take room that was zero, and anything else is a new <see cref="CurrentLayout"/>. Host byte order; it never leaves the host.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct JournalHeader
{
    public const int Size = 4096;
    public const ulong CurrentMagic = 0x31_4c_4e_52_4a_46_53_50; // "PSFJRNL1" where the lowest byte comes first
    public const uint CurrentLayout = 1;
    public const int MountCapacity = 1024;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public uint Layout;

    [FieldOffset(12)]
    public uint SlotCount;

    /// <summary>In bytes.</summary>
    [FieldOffset(16)]
    public uint SlotSize;

    /// <summary>The application's own layout version.</summary>
    [FieldOffset(20)]
    public uint ApplicationVersion;

    /// <summary>Of the first slot; the others follow.</summary>
    [FieldOffset(24)]
    public ulong SlotsOffset;

    [FieldOffset(32)]
    public ulong ApplicationOffset;

    [FieldOffset(40)]
    public ulong ApplicationLength;

    /// <summary>0 or 1: mount(2) has succeeded.</summary>
    [FieldOffset(48)]
    public uint IsMounted;

    /// <summary>0 or 1: INIT has come, and the next two are what it settled.</summary>
    [FieldOffset(52)]
    public uint IsNegotiated;

    [FieldOffset(56)]
    public ulong InitFlags;

    [FieldOffset(64)]
    public uint Minor;

    /// <summary>The connection's number in fusectl; 0: not known.</summary>
    [FieldOffset(68)]
    public uint Connection;

    /// <summary>Times of all nodes, in seconds since 1970.</summary>
    [FieldOffset(72)]
    public long NodeTime;

    /// <summary>How many servers have begun.</summary>
    [FieldOffset(80)]
    public ulong Epoch;

    /// <summary>When the server last said that it is well: CLOCK_MONOTONIC, which is the same for all processes of a host.</summary>
    [FieldOffset(88)]
    public long HeartbeatNs;

    /// <summary>Requests a successor has answered for its predecessor.</summary>
    [FieldOffset(96)]
    public long SlotsAnswered;

    [FieldOffset(104)]
    public long Resends;

    /// <summary>Requests given up since nobody survived them.</summary>
    [FieldOffset(112)]
    public long Poisoned;

    /// <summary>Bytes of <see cref="Mount"/>.</summary>
    [FieldOffset(120)]
    public uint MountLength;

    /// <summary>UTF-8, no NUL.</summary>
    [FieldOffset(1024)]
    public fixed byte Mount[MountCapacity];

    /// <summary>One <see cref="PoisonRecord"/> per slot.</summary>
    [FieldOffset(2048)]
    public fixed byte Poison[PoisonRecord.Size * RequestSlots.MaxCount];
}
