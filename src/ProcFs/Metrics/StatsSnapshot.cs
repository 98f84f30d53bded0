using System.Runtime.InteropServices;
using System.Text;

namespace ProcFs.Metrics;

/// <summary>
/// The counters of a mount as they were at one moment, over all daemons since boot. Numbers below zero, which nobody can have counted, read as zero. To be filled
/// again and again by one thread.
/// </summary>
internal sealed class StatsSnapshot
{
    private readonly byte[] _bytes = new byte[StatsLayout.Length];

    /// <summary>The first page.</summary>
    public ref readonly StatsHeader Header => ref MemoryMarshal.AsRef<StatsHeader>(_bytes.AsSpan(0, StatsLayout.HeaderSize));

    /// <summary>The daemon's version; empty before the first has begun.</summary>
    public string Version => Encoding.UTF8.GetString(VersionBytes);

    /// <summary>The same in UTF-8.</summary>
    public unsafe ReadOnlySpan<byte> VersionBytes
    {
        get
        {
            ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpan(in Header.Version[0], StatsHeader.MostVersionBytes);
            int end = name.IndexOf((byte)0);
            return end < 0 ? name : name[..end];
        }
    }

    /// <summary>Takes over what is in the memory of a file.</summary>
    /// <param name="file">All of it, or only what stands before the containers.</param>
    public void Load(ReadOnlySpan<byte> file) => file[..Math.Min(file.Length, _bytes.Length)].CopyTo(_bytes);

    /// <summary>How often something happened.</summary>
    public long Of(StatsEvent what) => Sum(StatsLayout.EventsAt + (int)what);

    /// <summary>READs of a file (<see cref="StatsLayout.FileOf"/>) with an outcome.</summary>
    public long Reads(int file, ReadOutcome outcome) => Sum(StatsLayout.ReadsAt + (file * StatsLayout.Outcomes) + (int)outcome);

    /// <summary>READs with an outcome, of all files.</summary>
    public long Reads(ReadOutcome outcome)
    {
        long sum = 0;
        for (int file = 0; file < StatsLayout.Files; file++)
        {
            sum = Saturating.Add(sum, Reads(file, outcome));
        }

        return sum;
    }

    /// <summary>Requests of an opcode.</summary>
    public long Operations(int opcode) => Sum(StatsLayout.OperationsAt + opcode);

    /// <summary>Those that were answered with an error.</summary>
    public long Errors(int opcode) => Sum(StatsLayout.ErrorsAt + opcode);

    /// <summary>Requests in one bucket of <see cref="StatsLayout.Bounds"/>, the ones below not among them; the last has no bound.</summary>
    public long Times(bool ofReads, int bucket) => Sum(StatsLayout.TimesAt + (ofReads ? 0 : StatsLayout.TimesOfKind) + bucket);

    /// <summary>How long they took together.</summary>
    public TimeSpan TimeOf(bool ofReads) => TimeSpan.FromMicroseconds(Times(ofReads, StatsLayout.SumOfTimes) / 1000.0);

    /// <summary>What is counted of a container; null: it has no place.</summary>
    public ContainerSlot? Container(ulong number)
    {
        ReadOnlySpan<ContainerSlot> slots = MemoryMarshal.Cast<byte, ContainerSlot>(_bytes.AsSpan(StatsLayout.SlotsAt));
        for (int attempt = 0; attempt < ContainerStats.Tries; attempt++)
        {
            ContainerSlot slot = slots[ContainerStats.PlaceOf(number, attempt)];
            if (slot.Number == number && number != 0)
            {
                return slot with { Reads = Math.Max(slot.Reads, 0), MilliRate = Math.Max(slot.MilliRate, 0), LastReadNs = Math.Max(slot.LastReadNs, 0) };
            }
        }

        return null;
    }

    /// <summary>Why a file cannot be used that begins like this, in a few words; null: it can.</summary>
    /// <param name="header">Its first page.</param>
    /// <param name="size">Of the file, in bytes.</param>
    /// <param name="boot">The kernel's boot id; null: it does not matter.</param>
    public static string? DefectOf(in StatsHeader header, long size, Guid? boot)
        => header.Magic != StatsLayout.Magic ? "not a file of counters"
            : header.Layout != StatsLayout.Version ? $"layout version {header.Layout}, this program knows {StatsLayout.Version}"
            : header.Length != StatsLayout.Length || size != StatsLayout.Length ? $"{size} bytes instead of {StatsLayout.Length}"
            : boot is { } now && header.Boot != now ? "from before the last boot"
            : null;

    private long Sum(int counter)
    {
        long sum = 0;
        for (int row = 0; row < StatsLayout.Rows; row++)
        {
            sum = Saturating.Add(sum, Math.Max(MemoryMarshal.Read<long>(_bytes.AsSpan(StatsLayout.HeaderSize + (row * StatsLayout.RowSize) + (counter * sizeof(long)))), 0));
        }

        return sum;
    }
}
