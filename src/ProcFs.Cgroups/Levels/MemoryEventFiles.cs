using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups;

/// <summary>The two files with a level's memory events. Both versions have them, by other names and with other keys.</summary>
internal static class MemoryEventFiles
{
    private static readonly KeyTable OomKeys = new("oom_kill");

    /// <inheritdoc cref="IMemoryReader.TryReadEvents"/>
    /// <param name="stat">The counters.</param>
    /// <param name="keys">How it calls them.</param>
    /// <param name="oom">The one of processes killed.</param>
    /// <param name="counters">As there.</param>
    public static bool TryRead(CgroupFile stat, KeyTable keys, CgroupFile oom, Span<long> counters)
    {
        if (!stat.TryRead(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        if (!keys.Parse(text, counters, out int badLine))
        {
            stat.Report(badLine, "not a number that fits 63 bits");
        }

        Span<long> killed = stackalloc long[1];
        if (oom.TryRead(out text) && OomKeys.Parse(text, killed, out _))
        {
            counters[MemoryEvents.OomKill] = killed[0];
        }

        return true;
    }
}
