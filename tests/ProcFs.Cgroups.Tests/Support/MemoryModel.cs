using System.Globalization;
using System.Text;

namespace ProcFs.Cgroups.Tests.Support;

/// <summary>One cgroup's memory, said in the words of the model; null: no limit, no swap accounting.</summary>
internal sealed record MemoryModel(
    string Path, long? LimitBytes = null, long? HighBytes = null, long UsageBytes = 0, MemoryStat Stat = default,
    bool SwapAccounted = false, long? SwapLimitBytes = null, long SwapUsedBytes = 0);

/// <summary>Writes the same meaning in the words of either version.</summary>
internal static class MemoryWriter
{
    private const long V1None = 9223372036854771712;

    /// <summary>Levels from the top downwards: v1 needs to know the limits above.</summary>
    public static Fixture Memory(this Fixture fixture, params ReadOnlySpan<MemoryModel> levels)
    {
        long tightest = V1None;
        long tightestSum = V1None;
        foreach (MemoryModel level in levels)
        {
            if (fixture.Version == CgroupVersion.V2)
            {
                WriteV2(fixture, level);
                continue;
            }

            long limit = level.LimitBytes ?? V1None;
            long sum = level.LimitBytes is { } memory && level.SwapLimitBytes is { } swap ? memory + swap : V1None;
            tightest = Math.Min(tightest, limit);
            tightestSum = Math.Min(tightestSum, sum);
            WriteV1(fixture, level, limit, sum, tightest, tightestSum);
        }

        return fixture;
    }

    private static void WriteV2(Fixture fixture, MemoryModel level)
    {
        fixture.File("memory", level.Path, "memory.max", Limit(level.LimitBytes));
        fixture.File("memory", level.Path, "memory.high", Limit(level.HighBytes));
        fixture.File("memory", level.Path, "memory.current", Line(level.UsageBytes));
        fixture.File("memory", level.Path, "memory.stat", StatV2(level.Stat));
        if (level.SwapAccounted)
        {
            fixture.File("memory", level.Path, "memory.swap.max", Limit(level.SwapLimitBytes));
            fixture.File("memory", level.Path, "memory.swap.current", Line(level.SwapUsedBytes));
        }
    }

    private static void WriteV1(Fixture fixture, MemoryModel level, long limit, long sum, long tightest, long tightestSum)
    {
        fixture.File("memory", level.Path, "memory.limit_in_bytes", Line(limit));
        fixture.File("memory", level.Path, "memory.usage_in_bytes", Line(level.UsageBytes));
        fixture.File("memory", level.Path, "memory.kmem.usage_in_bytes", Line(level.Stat.SlabUnreclaimable));
        fixture.File("memory", level.Path, "memory.use_hierarchy", "1\n");
        string stat = StatV1(level.Stat) + $"hierarchical_memory_limit {tightest}\n";
        if (level.SwapAccounted)
        {
            fixture.File("memory", level.Path, "memory.swappiness", "60\n");
            fixture.File("memory", level.Path, "memory.memsw.limit_in_bytes", Line(sum));
            fixture.File("memory", level.Path, "memory.memsw.usage_in_bytes", Line(level.UsageBytes + level.SwapUsedBytes));
            stat += $"hierarchical_memsw_limit {tightestSum}\ntotal_swap {level.SwapUsedBytes}\n";
        }

        fixture.File("memory", level.Path, "memory.stat", stat);
    }

    /// <summary>With names around the wanted ones that begin or end in the same way.</summary>
    private static string StatV2(in MemoryStat stat) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"anon {stat.Anon}\nfile {stat.Cache}\nkernel 7777777\nkernel_stack {stat.KernelStack}\n")
        .Append(CultureInfo.InvariantCulture, $"pagetables {stat.PageTables}\nsec_pagetables {stat.SecPageTables}\npercpu {stat.Percpu}\n")
        .Append(CultureInfo.InvariantCulture, $"sock 7777777\nvmalloc {stat.Vmalloc}\nshmem {stat.Shmem}\nzswap {stat.Zswap}\nzswapped {stat.Zswapped}\n")
        .Append(CultureInfo.InvariantCulture, $"file_mapped {stat.Mapped}\nfile_dirty {stat.Dirty}\nfile_writeback {stat.Writeback}\n")
        .Append(CultureInfo.InvariantCulture, $"swapcached {stat.SwapCached}\nanon_thp {stat.AnonHuge}\nfile_thp {stat.FileHuge}\nshmem_thp {stat.ShmemHuge}\n")
        .Append(CultureInfo.InvariantCulture, $"inactive_anon {stat.InactiveAnon}\nactive_anon {stat.ActiveAnon}\ninactive_file {stat.InactiveFile}\n")
        .Append(CultureInfo.InvariantCulture, $"active_file {stat.ActiveFile}\nunevictable {stat.Unevictable}\nslab_reclaimable {stat.SlabReclaimable}\n")
        .Append(CultureInfo.InvariantCulture, $"slab_unreclaimable {stat.SlabUnreclaimable}\nslab 7777777\nworkingset_refault_anon 7777777\npgfault 7777777\n")
        .ToString();

    /// <summary>The counters without <c>total_</c> are the cgroup's own: never the answer.</summary>
    private static string StatV1(in MemoryStat stat)
    {
        string[] keys = ["cache", "rss", "rss_huge", "shmem", "mapped_file", "dirty", "writeback", "swap", "inactive_anon", "active_file"];
        StringBuilder text = new();
        foreach (string key in keys)
        {
            text.Append(CultureInfo.InvariantCulture, $"{key} 7777777\n");
        }

        return text
            .Append(CultureInfo.InvariantCulture, $"total_cache {stat.Cache}\ntotal_rss {stat.Anon}\ntotal_rss_huge {stat.AnonHuge}\ntotal_shmem {stat.Shmem}\n")
            .Append(CultureInfo.InvariantCulture, $"total_mapped_file {stat.Mapped}\ntotal_dirty {stat.Dirty}\ntotal_writeback {stat.Writeback}\n")
            .Append(CultureInfo.InvariantCulture, $"total_swapcached {stat.SwapCached}\ntotal_pgfault 7777777\ntotal_inactive_anon {stat.InactiveAnon}\n")
            .Append(CultureInfo.InvariantCulture, $"total_active_anon {stat.ActiveAnon}\ntotal_inactive_file {stat.InactiveFile}\n")
            .Append(CultureInfo.InvariantCulture, $"total_active_file {stat.ActiveFile}\ntotal_unevictable {stat.Unevictable}\n")
            .ToString();
    }

    private static string Limit(long? bytes) => bytes is null ? "max\n" : Line(bytes.Value);

    private static string Line(long number) => number.ToString(CultureInfo.InvariantCulture) + "\n";
}
