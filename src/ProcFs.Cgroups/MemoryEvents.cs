using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups;

/// <summary>
/// Counters of faults, reclaim and swap that a cgroup has of its own, by the names that /proc/vmstat has for the same of the host. Which of them a
/// kernel counts depends on its version.
/// </summary>
public static class MemoryEvents
{
    /// <summary>The first of <see cref="Names"/>: processes killed for want of memory.</summary>
    internal const int OomKill = 0;

    private static readonly string[] All =
    [
        "oom_kill",
        "pgfault", "pgmajfault", "pswpin", "pswpout", "swpin_zero", "swpout_zero", "zswpin", "zswpout", "zswpwb",
        "pgrefill", "pgactivate", "pgdeactivate", "pglazyfree", "pglazyfreed",
        "pgscan_kswapd", "pgscan_direct", "pgscan_khugepaged", "pgscan_proactive",
        "pgsteal_kswapd", "pgsteal_direct", "pgsteal_khugepaged", "pgsteal_proactive",
        "pgdemote_kswapd", "pgdemote_direct", "pgdemote_khugepaged", "pgdemote_proactive", "pgpromote_success",
        "workingset_refault", "workingset_refault_anon", "workingset_refault_file", "workingset_activate", "workingset_activate_anon", "workingset_activate_file",
        "workingset_restore", "workingset_restore_anon", "workingset_restore_file", "workingset_nodereclaim",
        "thp_fault_alloc", "thp_collapse_alloc", "thp_swpout", "thp_swpout_fallback",
        "numa_pages_migrated", "numa_pte_updates", "numa_hint_faults", "numa_task_migrated", "numa_task_swapped",
    ];

    private static readonly KeyTable Keys = new(All);

    /// <summary>Each has a number: its place in this list.</summary>
    public static IReadOnlyList<string> Names => All;

    /// <summary>How many there are.</summary>
    public static int Count => All.Length;

    /// <summary>The number of a name; −1 for one that no cgroup counts.</summary>
    public static int Find(ReadOnlySpan<byte> name) => Keys.Find(name);

    /// <summary>The names as a file calls them that puts the same word before each.</summary>
    internal static KeyTable KeysWith(string prefix) => new([.. All.Select(name => prefix + name)]);
}
