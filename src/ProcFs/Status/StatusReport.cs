using System.Diagnostics;
using ProcFs.Metrics;

namespace ProcFs.Status;

/// <summary>What <c>procfs status</c> has found out about one mount.</summary>
/// <param name="Mount">The public mount point.</param>
/// <param name="Daemon">Who serves it.</param>
/// <param name="State">How the mount is.</param>
/// <param name="Counts">What was counted since boot; null: nothing was, or <paramref name="Defect"/>.</param>
/// <param name="Defect">Why it cannot be told what was counted, in one sentence.</param>
/// <param name="Containers">The registered ones that live, by id.</param>
internal sealed record StatusReport(string Mount, DaemonState Daemon, HealthState State, StatsSnapshot? Counts, string? Defect, IReadOnlyList<ContainerStatus> Containers)
{
    /// <summary>When it was made.</summary>
    public long Timestamp { get; } = Stopwatch.GetTimestamp();

    /// <summary>How often a daemon carried on where another had ended.</summary>
    public long RestartsSurvived => Counts?.Of(StatsEvent.TakenOver) ?? 0;

    /// <summary>Texts begun for all readers.</summary>
    public long Reads => Sum(StatsEvent.OwnText, StatsEvent.CommonText);

    /// <summary>How often something else was served than what was meant.</summary>
    public long Fallbacks => Sum(StatsEvent.NumberUnknown, StatsEvent.ContainerEnded, StatsEvent.OpenFileUnknown);

    /// <summary>How often something was missing that a text needed.</summary>
    public long Absent => Sum(StatsEvent.CallerInvisible, StatsEvent.CallerGone, StatsEvent.CgroupVanished, StatsEvent.CgroupUnreadable, StatsEvent.OutOfDescriptors);

    /// <summary>How often the daemon counted as stuck, or had lost a request.</summary>
    public long Stalls => Sum(StatsEvent.Stalled, StatsEvent.Lost);

    /// <summary>The same report with reads per second as they were since an earlier one.</summary>
    public StatusReport Since(StatusReport before)
    {
        double seconds = Stopwatch.GetElapsedTime(before.Timestamp, Timestamp).TotalSeconds;
        Dictionary<ulong, long?> earlier = before.Containers.Where(container => container.Number != 0)
            .GroupBy(container => container.Number).ToDictionary(group => group.Key, group => group.First().Reads);
        return this with
        {
            Containers =
            [
                .. Containers.Select(container => container.Reads is { } now && earlier.GetValueOrDefault(container.Number) is { } then && now >= then
                    ? container with { ReadsPerSecond = (now - then) / seconds }
                    : container),
            ],
        };
    }

    private long Sum(params ReadOnlySpan<StatsEvent> events)
    {
        long sum = 0;
        foreach (StatsEvent what in events)
        {
            sum = Saturating.Add(sum, Counts?.Of(what) ?? 0);
        }

        return sum;
    }
}
