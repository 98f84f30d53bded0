using ProcFs.Cgroups;
using ProcFs.Containers;

namespace ProcFs.Files;

/// <summary>Total, free and available memory of a container in bytes, over all levels that limit it.</summary>
internal readonly record struct MemoryView(long TotalBytes, long FreeBytes, long AvailableBytes)
{
    /// <summary>
    /// A level that is tighter than the container's own (a pod that siblings use, too) leaves only what is left there. What is
    /// used beyond a limit eats into what could be reclaimed, before anything is cut to zero.
    /// </summary>
    public static MemoryView Of(ContainerSnapshot snapshot)
    {
        long host = Saturating.Scale(snapshot.Host.Meminfo.MemTotalKb, 1024, 1);
        ContainerResources resources = snapshot.Resources;
        if (resources.MemoryScope != ControllerScope.Container)
        {
            long shown = Math.Min(snapshot.Options.MemoryBytes ?? host, host);
            return new MemoryView(shown, shown, shown);
        }

        ref readonly MemoryResources memory = ref resources.Memory;
        // Never 0 kB: there are readers that divide by it.
        long total = Math.Max(1024, Math.Min(snapshot.Options.MemoryBytes ?? memory.LimitBytes ?? host, host));
        long free = Left(total, memory.UsageBytes, 0);
        long available = Left(total, memory.UsageBytes, memory.Stat.Reclaimable);
        foreach (MemoryLevel level in resources.MemoryLevels)
        {
            long limit = Math.Min(level.LimitBytes, host);
            free = Math.Min(free, Left(limit, level.UsageBytes, 0));
            available = Math.Min(available, Left(limit, level.UsageBytes, level.ReclaimableBytes));
        }

        return new MemoryView(total, free, Math.Min(total, available));
    }

    private static long Left(long limit, long usage, long reclaimable)
        => (long)Int128.Clamp((Int128)limit - usage + reclaimable, 0, long.MaxValue);
}
