namespace ProcFs.Containers;

/// <summary>
/// The threads that have just asked, with the view they got, for a worker of its own. A thread is known by its held /proc directory, which is
/// a pidfd that older kernels have as well, and for threads: it leads nowhere once the thread has ended, whoever has its number
/// then. How long one is known bounds how late a change of its cgroup or its namespaces is noticed.
/// </summary>
/// <param name="knownForNs">0: nobody is.</param>
internal sealed class KnownCallers(long knownForNs)
{
    private const int Places = 64; // a power of two; each holds a descriptor

    private readonly Known[] _places = new Known[Places];

    public bool IsOn => knownForNs > 0;

    /// <summary>The view of a thread; null when it is not known.</summary>
    public CallerView? Find(uint threadId, long nowNs)
    {
        ref Known place = ref PlaceOf(threadId);
        return place.View is { } view && place.ThreadId == threadId && nowNs - place.AtNs < knownForNs && ProcessDirectory.IsAlive(place.Directory)
            ? view
            : null;
    }

    /// <summary>Takes the directory over; that of the one whose place it takes is closed.</summary>
    public void Remember(uint threadId, ProcessDirectory directory, CallerView view, long nowNs)
    {
        ref Known place = ref PlaceOf(threadId);
        if (place.View is not null)
        {
            ProcessDirectory.Close(place.Directory);
        }

        place = new Known { ThreadId = threadId, Directory = directory.Give(), View = view, AtNs = nowNs };
    }

    /// <summary>Nobody is known any more.</summary>
    public void Clear()
    {
        foreach (ref Known place in _places.AsSpan())
        {
            if (place.View is not null)
            {
                ProcessDirectory.Close(place.Directory);
                place = default;
            }
        }
    }

    private ref Known PlaceOf(uint threadId) => ref _places[threadId & (Places - 1)];

    private struct Known
    {
        public uint ThreadId;
        public int Directory;
        public CallerView? View;
        public long AtNs;
    }
}
