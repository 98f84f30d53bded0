using ProcFs.Containers;

namespace ProcFs.Sampling;

/// <summary>
/// Takes the samples of all containers whose load averages were asked for lately. They are spread over the 5 s, so that many containers make
/// small bites of work; what takes longer than it should is done later. Safe for several threads, but for <see cref="RunDue"/>, which is one thread's.
/// </summary>
/// <param name="count">Counts a container's threads.</param>
/// <param name="clock">In ns since boot.</param>
internal sealed class LoadSampler(Func<Container, ThreadCounts> count, TimeProvider clock)
{
    /// <summary>For how long after a read samples are taken, in ns.</summary>
    public const long WantedForNs = 300_000_000_000;

    /// <summary>Samples are taken together that are due in the same quarter of a second.</summary>
    private const long SlotNs = 250_000_000;
    private const int Slots = (int)(LoadAverage.IntervalNs / SlotNs);

    // Never more than a tenth of a CPU: samples that are late are made up for.
    private const long BiteNs = 25_000_000;
    private const long Rests = 9;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<Container, long> _due = new();
    private readonly int[] _inSlot = new int[Slots];
    private int _inHand;

    /// <summary>How many containers are sampled.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _due.Count + _inHand;
            }
        }
    }

    /// <summary>Notes that somebody wants a container's load averages. True: its next sample is due before all others.</summary>
    public bool Want(Container container, long nowNs)
    {
        lock (_lock)
        {
            container.Load.AskedNs = nowNs;
            if (container.Load.IsSampled)
            {
                return false;
            }

            container.Load.IsSampled = true;
            long due = FindRoom(nowNs + LoadAverage.IntervalNs);
            bool isFirst = !_due.TryPeek(out _, out long first) || due < first;
            _due.Enqueue(container, due);
            return isFirst;
        }
    }

    /// <summary>Takes the samples that are due. When there is something to do again, in ns since boot; null: not before somebody asks.</summary>
    public long? RunDue()
    {
        long began = clock.GetTimestamp();
        long now = began;
        while (now - began < BiteNs && TryTake(now, out Container? container, out long due))
        {
            ThreadCounts counts = count(container);
            now = clock.GetTimestamp();
            if (counts.Threads > 0)
            {
                container.Load.Sample(now, counts.Running + counts.Blocked);
            }

            PutBack(container, due, now, isGone: counts.Threads == 0);
        }

        lock (_lock)
        {
            return _due.TryPeek(out _, out long next) ? Math.Max(next, now + (Rests * (now - began))) : null;
        }
    }

    private bool TryTake(long nowNs, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Container? container, out long due)
    {
        lock (_lock)
        {
            if (!_due.TryPeek(out container, out due) || due > nowNs)
            {
                return false;
            }

            _due.Dequeue();
            _inHand = 1;
            return true;
        }
    }

    private void PutBack(Container container, long due, long nowNs, bool isGone)
    {
        lock (_lock)
        {
            _inHand = 0;
            if (isGone || nowNs - container.Load.AskedNs > WantedForNs)
            {
                container.Load.IsSampled = false;
                _inSlot[SlotOf(due)]--;
                return;
            }

            _due.Enqueue(container, due + (((Math.Max(0, nowNs - due) / LoadAverage.IntervalNs) + 1) * LoadAverage.IntervalNs));
        }
    }

    /// <summary>The first slot from then on that has no more than its share.</summary>
    private long FindRoom(long fromNs)
    {
        long at = (fromNs + SlotNs - 1) / SlotNs * SlotNs;
        int share = (_due.Count + _inHand) / Slots;
        while (_inSlot[SlotOf(at)] > share)
        {
            at += SlotNs;
        }

        _inSlot[SlotOf(at)]++;
        return at;
    }

    private static int SlotOf(long dueNs) => (int)(dueNs / SlotNs % Slots);
}
