using System.Runtime.InteropServices;

namespace ProcFs.Metrics;

/// <summary>
/// The stats file: a page that says what it is, then rows of 64-bit counters, one row for each worker and one for everybody else, then a place for
/// each registered container. A worker alone writes its row; what is in the others' is added up by whoever reads.
/// </summary>
internal static class StatsLayout
{
    /// <summary>Of the layout; another one is not understood, and counting begins anew.</summary>
    public const uint Version = 1;

    public const ulong Magic = 0x31_41_54_53_53_46_50; // "PFSSTA1"

    public const int HeaderSize = 4096;

    /// <summary>Room for rows of workers; the row behind them is everybody's.</summary>
    public const int MostWorkers = 8;

    public const int Rows = MostWorkers + 1;

    /// <summary>The row of those who are no workers.</summary>
    public const int SharedRow = MostWorkers;

    /// <summary>In bytes: whole pages, so that workers share no cache line.</summary>
    public const int RowSize = 8192;

    /// <summary>Places of containers.</summary>
    public const int Slots = 4096;

    public const int SlotSize = 64;

    public const int SlotsAt = HeaderSize + (Rows * RowSize);

    public const int Length = SlotsAt + (Slots * SlotSize);

    // In a row, as numbers of counters.
    public const int Files = 64;
    public const int Outcomes = 8;
    public const int ReadsAt = 0;
    public const int OperationsAt = ReadsAt + (Files * Outcomes);
    public const int Operations = 64;
    public const int ErrorsAt = OperationsAt + Operations;
    public const int EventsAt = ErrorsAt + Operations;
    public const int Events = 64;
    public const int TimesAt = EventsAt + Events;

    /// <summary>Counters of one kind of request: buckets, the last of them without a bound, then the sum in ns.</summary>
    public const int TimesOfKind = 16;

    public const int SumOfTimes = TimesOfKind - 1;

    /// <summary>READ, and all others.</summary>
    public const int Kinds = 2;

    /// <summary>What stands for all files of <see cref="Files.CpuFiles"/>.</summary>
    public const int CpuFilesRow = Files - 1;

    /// <summary>Numbers of files begin here (<see cref="Files.ProcFiles"/>); they are permanent, and so are their places.</summary>
    private const int FirstFile = 16;

    /// <summary>Upper bounds of the buckets, in ns.</summary>
    public static ReadOnlySpan<long> Bounds =>
    [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000, 25_000_000, 100_000_000, 1_000_000_000,
    ];

    /// <summary>Where a file is counted.</summary>
    public static int FileOf(ushort number) => number is >= FirstFile and < 72 ? number - FirstFile : CpuFilesRow;

    /// <summary>The number of the file that is counted there; that of none for <see cref="CpuFilesRow"/>.</summary>
    public static ushort NumberOf(int file) => (ushort)(file + FirstFile);
}

/// <summary>The first page. A field never moves nor changes its meaning; what is new takes room that was zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = StatsLayout.HeaderSize)]
internal unsafe struct StatsHeader
{
    public const int MostVersionBytes = 64;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public uint Layout;

    /// <summary>Bytes of the whole.</summary>
    [FieldOffset(12)]
    public uint Length;

    [FieldOffset(16)]
    public Guid Boot;

    /// <summary>When counting began, in ms since 1970.</summary>
    [FieldOffset(32)]
    public long CreatedMs;

    /// <summary>When the daemon began, in ms since 1970.</summary>
    [FieldOffset(40)]
    public long StartedMs;

    /// <summary>The daemon; in its own pid namespace.</summary>
    [FieldOffset(48)]
    public int Pid;

    [FieldOffset(52)]
    public int Workers;

    /// <summary>The connection's number in fusectl.</summary>
    [FieldOffset(56)]
    public uint Connection;

    /// <summary>Registered containers.</summary>
    [FieldOffset(60)]
    public int Containers;

    /// <summary>When the daemon last said that it is well: CLOCK_MONOTONIC.</summary>
    [FieldOffset(64)]
    public long HeartbeatNs;

    /// <summary>How often it does.</summary>
    [FieldOffset(72)]
    public long HeartbeatEveryNs;

    /// <summary>How long the oldest request in hand was there, at the last look.</summary>
    [FieldOffset(80)]
    public long LongestRequestNs;

    /// <summary>Managed heap, in bytes.</summary>
    [FieldOffset(88)]
    public long HeapBytes;

    /// <summary>Since the daemon began.</summary>
    [FieldOffset(96)]
    public long AllocatedBytes;

    /// <summary>Since the daemon began.</summary>
    [FieldOffset(104)]
    public long Collections;

    [FieldOffset(112)]
    public int OpenFiles;

    /// <summary>The daemon's version, UTF-8, NUL behind it where there is room.</summary>
    [FieldOffset(256)]
    public fixed byte Version[MostVersionBytes];
}

/// <summary>One registered container.</summary>
[StructLayout(LayoutKind.Sequential, Size = StatsLayout.SlotSize)]
internal struct ContainerSlot
{
    /// <summary>0: free.</summary>
    public ulong Number;

    /// <summary>Texts begun, opens of files in pages among them.</summary>
    public long Reads;

    /// <summary>CLOCK_MONOTONIC; 0: never.</summary>
    public long LastReadNs;

    /// <summary>Reads in a thousand seconds, between the last two signs of life of the daemon.</summary>
    public long MilliRate;

    /// <summary><see cref="Reads"/> at the last of them.</summary>
    public long ReadsBefore;
}
