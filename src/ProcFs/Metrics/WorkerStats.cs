namespace ProcFs.Metrics;

/// <summary>
/// What one worker counts, in its own row: nobody else writes there, so that an addition is all it takes. Numbers out of range count nothing.
/// </summary>
internal sealed unsafe class WorkerStats
{
    private readonly StatsFile _file;
    private readonly long* _row;

    /// <param name="file">Must last as long as this is used.</param>
    /// <param name="worker">Whose row; nobody else may have it.</param>
    public WorkerStats(StatsFile file, int worker)
    {
        _file = file;
        _row = file.Row(worker);
    }

    /// <summary>When the request in hand was read: CLOCK_MONOTONIC, in ns; 0: none was.</summary>
    public long ReceivedNs { get; set; }

    public void Count(StatsEvent what) => Add(StatsLayout.EventsAt + (int)what, 1);

    /// <summary>A READ of a file.</summary>
    /// <param name="number">The file's, in node ids.</param>
    /// <param name="container">The container's, there; 0: a common file.</param>
    /// <param name="outcome">What became of it.</param>
    public void CountRead(ushort number, ulong container, ReadOutcome outcome)
    {
        Add(StatsLayout.ReadsAt + (StatsLayout.FileOf(number) * StatsLayout.Outcomes) + (int)outcome, 1);
        if (outcome is not (ReadOutcome.Kept or ReadOutcome.Pages or ReadOutcome.Refused))
        {
            CountText(container);
        }
    }

    /// <summary>A text begun, or an open of a file in pages, which is the one request that a reader of it makes.</summary>
    public void CountText(ulong container)
    {
        Count(container == 0 ? StatsEvent.CommonText : StatsEvent.OwnText);
        if (container != 0)
        {
            ContainerStats.Count(_file.Slots, container, ReceivedNs);
        }
    }

    public void CountOperation(int opcode, bool isError)
    {
        if ((uint)opcode < StatsLayout.Operations)
        {
            Add(StatsLayout.OperationsAt + opcode, 1);
            if (isError)
            {
                Add(StatsLayout.ErrorsAt + opcode, 1);
            }
        }
    }

    /// <summary>How long a request took.</summary>
    public void CountTime(bool isRead, long ns)
    {
        ns = Math.Max(ns, 0);
        int first = StatsLayout.TimesAt + (isRead ? 0 : StatsLayout.TimesOfKind);
        ReadOnlySpan<long> bounds = StatsLayout.Bounds;
        int bucket = 0;
        while (bucket < bounds.Length && ns > bounds[bucket])
        {
            bucket++;
        }

        Add(first + bucket, 1);
        Add(first + StatsLayout.SumOfTimes, ns);
    }

    // Whole at any moment for those who read it meanwhile.
    private void Add(int counter, long more) => Volatile.Write(ref _row[counter], _row[counter] + more);
}
