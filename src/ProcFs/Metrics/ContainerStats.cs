namespace ProcFs.Metrics;

/// <summary>
/// Which containers have a place in the stats file. The registrar's thread gives and takes places, the heartbeat works out rates, workers count. A
/// container that finds all its possible places taken is not counted.
/// </summary>
internal sealed unsafe class ContainerStats(StatsFile file)
{
    /// <summary>Places that a number may have, one after the other. Numbers are given in turn, so that the first is nearly always free.</summary>
    public const int Tries = 8;

    private const int NoPlace = -1;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, int> _places = []; // NoPlace among them
    private long _lastBeatNs;

    public void Count(StatsEvent what) => file.Count(what);

    /// <summary>The containers that an earlier daemon knew, and no others, keep their counts.</summary>
    public void Load(IEnumerable<ulong> known)
    {
        lock (_lock)
        {
            HashSet<ulong> numbers = [.. known];
            for (int i = 0; i < StatsLayout.Slots; i++)
            {
                ContainerSlot* slot = file.Slots + i;
                ulong number = slot->Number;
                if (number != 0 && (!numbers.Contains(number) || !IsPlaceOf(number, i) || !_places.TryAdd(number, i)))
                {
                    Volatile.Write(ref slot->Number, 0);
                }
            }

            file.Header->Containers = _places.Count;
        }

        foreach (ulong number in known)
        {
            Add(number);
        }
    }

    /// <summary>Gives a container a place, where it has none yet.</summary>
    public void Add(ulong number)
    {
        lock (_lock)
        {
            for (int i = 0; i < Tries && !_places.ContainsKey(number); i++)
            {
                int place = PlaceOf(number, i);
                ContainerSlot* slot = file.Slots + place;
                if (slot->Number == 0)
                {
                    *slot = default;
                    Volatile.Write(ref slot->Number, number);
                    _places.Add(number, place);
                }
            }

            _places.TryAdd(number, NoPlace);
            file.Header->Containers = _places.Count;
        }
    }

    /// <summary>The container has ended.</summary>
    public void Remove(ulong number)
    {
        lock (_lock)
        {
            if (_places.Remove(number, out int place) && place != NoPlace)
            {
                Volatile.Write(ref file.Slots[place].Number, 0);
            }

            file.Header->Containers = _places.Count;
        }
    }

    /// <summary>Works out how often each was read since the last time.</summary>
    public void Beat(long nowNs)
    {
        lock (_lock)
        {
            long passedNs = _lastBeatNs == 0 ? 0 : nowNs - _lastBeatNs;
            _lastBeatNs = nowNs;
            foreach (int place in _places.Values)
            {
                if (place == NoPlace)
                {
                    continue;
                }

                ref ContainerSlot slot = ref file.Slots[place];
                long reads = Volatile.Read(ref slot.Reads);
                slot.MilliRate = passedNs > 0 ? (long)(Math.Max(reads - slot.ReadsBefore, 0) * 1e12 / passedNs) : 0;
                slot.ReadsBefore = reads;
            }
        }
    }

    /// <summary>Counts a read. From any worker; without a lock.</summary>
    /// <param name="slots">Of the file.</param>
    /// <param name="number">The container's.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    public static void Count(ContainerSlot* slots, ulong number, long nowNs)
    {
        for (int i = 0; i < Tries; i++)
        {
            ContainerSlot* slot = slots + PlaceOf(number, i);
            if (Volatile.Read(ref slot->Number) == number)
            {
                // One that ends at this moment, and whose place is another's at once, may lend it one read.
                Interlocked.Increment(ref slot->Reads);
                Volatile.Write(ref slot->LastReadNs, nowNs);
                return;
            }
        }
    }

    /// <summary>One of the places that a number may have.</summary>
    public static int PlaceOf(ulong number, int attempt) => (int)((number + (ulong)attempt) % StatsLayout.Slots);

    private static bool IsPlaceOf(ulong number, int place)
        => Enumerable.Range(0, Tries).Any(attempt => PlaceOf(number, attempt) == place);
}
