using ProcFs.Fuse;

namespace ProcFs.Metrics;

/// <summary>What the daemon itself writes down about itself, now and then and from one thread.</summary>
/// <param name="file">Where.</param>
/// <param name="containers">Whose rates are worked out.</param>
/// <param name="journal">Of the session; what happened in it before was counted by others.</param>
/// <param name="openFiles">Counts the files that are open.</param>
internal sealed unsafe class DaemonStats(StatsFile file, ContainerStats containers, Journal journal, Func<int> openFiles)
{
    private JournalCounters _counted = journal.Counters;

    public void Count(StatsEvent what) => file.Count(what);

    /// <summary>What is true also of a daemon that is stuck.</summary>
    public void Look(TimeSpan longestRequest)
    {
        JournalCounters now = journal.Counters;
        file.Count(StatsEvent.AnsweredForPredecessor, now.SlotsAnswered - _counted.SlotsAnswered);
        file.Count(StatsEvent.Resent, now.Resends - _counted.Resends);
        file.Count(StatsEvent.Poisoned, now.Poisoned - _counted.Poisoned);
        _counted = now;
        StatsHeader* header = file.Header;
        header->LongestRequestNs = longestRequest.Ticks * TimeSpan.NanosecondsPerTick;
        header->HeapBytes = GC.GetTotalMemory(forceFullCollection: false);
        header->AllocatedBytes = GC.GetTotalAllocatedBytes();
        header->Collections = GC.CollectionCount(0);
        header->OpenFiles = openFiles();
    }

    /// <summary>A sign of life.</summary>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    /// <param name="interval">When the next one is to be expected.</param>
    public void Beat(long nowNs, TimeSpan interval)
    {
        containers.Beat(nowNs);
        file.Header->HeartbeatEveryNs = interval.Ticks * TimeSpan.NanosecondsPerTick;
        Volatile.Write(ref file.Header->HeartbeatNs, nowNs);
    }
}
