using ProcFs.Interop;

namespace ProcFs.Sampling;

/// <summary>
/// Records of layout version 1, the one before. They lack the load averages at the end of the head and are else the same, so that the first part
/// of a <see cref="HistoryHead"/> can be read of them.
/// </summary>
internal static unsafe class HistoryUpgrade
{
    /// <summary>The layout that is understood.</summary>
    public const uint From = 1;

    private static int HeadSize => sizeof(HistoryHead) - sizeof(LoadState);

    public static int CopySizeFor(int cpus) => (HeadSize + (5 * cpus * sizeof(long)) + 63) & ~63;

    public static long EndOf(int records, int cpus, int headerSize) => headerSize + ((long)records * 2 * CopySizeFor(cpus));

    /// <summary>Writes all records into a new file, in the same places.</summary>
    /// <param name="records">The old ones.</param>
    /// <param name="count">How many.</param>
    /// <param name="into">Has none yet, and the same number of CPUs.</param>
    public static Errno Copy(byte* records, int count, HistoryFile into)
    {
        int copySize = CopySizeFor(into.Cpus);
        for (int i = 0; i < count; i++)
        {
            Errno error = into.AddRecord();
            if (error != Errno.None)
            {
                return error;
            }

            byte* first = records + ((long)i * 2 * copySize);
            Convert(first, first + copySize, into.Cpus, into.First(i));
        }

        return Errno.None;
    }

    private static void Convert(byte* first, byte* second, int cpus, byte* into)
    {
        bool isFirst = IsWhole(first, cpus);
        bool isSecond = IsWhole(second, cpus);
        byte* old = isFirst && (!isSecond || HistoryRecord.SequenceOf(first) >= HistoryRecord.SequenceOf(second)) ? first : second;
        if (isFirst || isSecond)
        {
            int numbers = NumbersSize(old);
            Buffer.MemoryCopy(old + HistoryRecord.SummedFrom, into + HistoryRecord.SummedFrom, HeadSize - HistoryRecord.SummedFrom, HeadSize - HistoryRecord.SummedFrom);
            Buffer.MemoryCopy(old + HeadSize, into + sizeof(HistoryHead), numbers, numbers);
            HistoryRecord.Seal(into, HistoryRecord.SequenceOf(old));
        }
        else
        {
            // A damaged one stays one, to be told of.
            ((HistoryHead*)into)->Sequence = Math.Max(HistoryRecord.SequenceOf(first), HistoryRecord.SequenceOf(second));
        }
    }

    private static int NumbersSize(byte* copy)
    {
        HistoryHead* head = (HistoryHead*)copy;
        return ((4 * head->Cpus) + head->HostCpus) * sizeof(long);
    }

    private static bool IsWhole(byte* copy, int cpus)
    {
        HistoryHead* head = (HistoryHead*)copy;
        return head->Sequence != 0 && head->Cpus >= 0 && head->Cpus <= cpus && head->HostCpus >= 0 && head->HostCpus <= cpus
            && head->Checksum == HistoryChecksum.Of(copy + HistoryRecord.SummedFrom, HeadSize + NumbersSize(copy) - HistoryRecord.SummedFrom, head->Sequence);
    }
}
