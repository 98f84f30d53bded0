namespace ProcFs.Cgroups;

/// <summary>What the memory controller says over all levels, from the container's cgroup up to the one below the root. For both versions.</summary>
internal static class MemoryLevels
{
    /// <summary>False where no level has both usage and counters. What one file says already is not read from another.</summary>
    /// <param name="levels">The container's own first.</param>
    /// <param name="withSwap">Whether files about swap alone are read.</param>
    /// <param name="into">Gets the result.</param>
    public static bool TryRead(ReadOnlySpan<IMemoryReader> levels, bool withSwap, ContainerResources into)
    {
        levels = CountedLevels(levels);
        into.MemoryLevelList.Clear();
        into.LimitScratch.Clear();
        if (!TryReadAccounting(levels, out int accounting, out MemoryReading reading))
        {
            return false;
        }

        long? walked = null;
        long? swapLimit = null;
        bool swapAccounted = false;
        for (int i = 0; i < levels.Length; i++)
        {
            // With one level alone, the limit over all levels is its own.
            bool isKnown = levels.Length == 1 && reading.HierarchicalLimit is not null;
            walked = Saturating.Tighter(walked, AddLimit(isKnown ? reading.HierarchicalLimit : levels[i].ReadLimit(), into));
            if (withSwap && (i == accounting || !reading.HasSwapLimits))
            {
                swapLimit = Saturating.Tighter(swapLimit, levels[i].ReadSwapLimit(out bool accounted));
                swapAccounted |= accounted;
            }
        }

        // v1 sums the limits up itself and honours levels that do not count their children.
        long? limit = reading.HierarchicalLimit ?? walked;
        if (limit is null)
        {
            into.LimitScratch.Clear();
            foreach (IMemoryReader level in levels)
            {
                limit = Saturating.Tighter(limit, AddLimit(level.ReadHigh(), into));
            }
        }

        AddLevels(levels, accounting, reading, into);
        SwapResources? swap = swapAccounted
            ? levels[accounting].ReadSwap(reading.HierarchicalSwapLimit ?? swapLimit, reading.HierarchicalLimit ?? walked, reading)
            : null;
        into.SetMemory(new MemoryResources(limit, reading.UsageBytes, reading.Stat, swap));
        return true;
    }

    private static ReadOnlySpan<IMemoryReader> CountedLevels(ReadOnlySpan<IMemoryReader> levels)
    {
        int count = Math.Min(1, levels.Length);
        while (count < levels.Length && levels[count].CountsChildren)
        {
            count++;
        }

        return levels[..count];
    }

    // A limit of zero would be a machine without memory, which crashes readers that divide by it: it counts as none.
    private static long? AddLimit(long? limit, ContainerResources into)
    {
        into.LimitScratch.Add(limit ?? 0);
        return limit is 0 ? null : limit;
    }

    private static bool TryReadAccounting(ReadOnlySpan<IMemoryReader> levels, out int index, out MemoryReading reading)
    {
        for (index = 0; index < levels.Length; index++)
        {
            if (levels[index].TryReadUsage(out reading))
            {
                return true;
            }
        }

        reading = default;
        return false;
    }

    private static void AddLevels(ReadOnlySpan<IMemoryReader> levels, int accounting, in MemoryReading known, ContainerResources into)
    {
        for (int i = 0; i < levels.Length; i++)
        {
            long limit = into.LimitScratch.Items[i];
            MemoryReading reading = known;
            if (limit > 0 && (i == accounting || levels[i].TryReadUsage(out reading)))
            {
                into.MemoryLevelList.Add(new MemoryLevel(limit, reading.UsageBytes, reading.Stat.Reclaimable));
            }
        }
    }
}
