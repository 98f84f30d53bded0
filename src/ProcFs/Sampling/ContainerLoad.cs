namespace ProcFs.Sampling;

/// <summary>The load averages of one container, and what the sampler must know to keep them going. Safe for several threads.</summary>
/// <param name="record">Where they are continued from and kept for the next daemon; null: nowhere.</param>
internal sealed class ContainerLoad(HistoryRecord? record = null)
{
    /// <summary>Steps that were missed are made up for with the threads of now; what lies further back is not guessed.</summary>
    private const int MostStepsAtOnce = 12;

    private readonly Lock _lock = new();
    private LoadState _state = record?.Load ?? default;

    /// <summary>When a reader last wanted them, in ns since boot. The sampler's, under its lock.</summary>
    public long AskedNs { get; set; }

    /// <summary>The sampler takes samples. The sampler's, under its lock.</summary>
    public bool IsSampled { get; set; }

    /// <summary>
    /// What a reader is shown. The very first one begins: with one step from zero. A sample that is late by more than an interval, since the daemon was away
    /// or nobody asked, is taken now; any other is left to the sampler, whose moments have nothing to do with a reader's.
    /// </summary>
    /// <param name="nowNs">In ns since boot.</param>
    /// <param name="active">Threads that run or are blocked.</param>
    public LoadAverage Read(long nowNs, int active)
    {
        lock (_lock)
        {
            if (_state.AtNs == 0 || nowNs - _state.AtNs >= 2 * LoadAverage.IntervalNs)
            {
                Step(nowNs, active);
            }

            return _state.Average;
        }
    }

    /// <summary>Makes the steps that are due; none, if none is.</summary>
    /// <param name="nowNs">In ns since boot.</param>
    /// <param name="active">Threads that run or are blocked.</param>
    public void Sample(long nowNs, int active)
    {
        lock (_lock)
        {
            Step(nowNs, active);
        }
    }

    private void Step(long nowNs, int active)
    {
        long due = _state.AtNs == 0 ? 1 : (nowNs - _state.AtNs) / LoadAverage.IntervalNs;
        if (due <= 0)
        {
            return;
        }

        LoadAverage average = _state.Average;
        for (int i = 0; i < Math.Min(due, MostStepsAtOnce); i++)
        {
            average = average.Next(active);
        }

        _state = new LoadState(average, _state.AtNs == 0 ? nowNs : _state.AtNs + (due * LoadAverage.IntervalNs));
        // Before anybody is shown it.
        record?.SaveLoad(_state);
    }
}
