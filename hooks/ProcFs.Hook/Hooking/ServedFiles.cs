namespace ProcFs.Hook.Hooking;

/// <summary>What is served, for where the daemon cannot be asked. A test compares it with the daemon's own list.</summary>
public static class ServedFiles
{
    /// <summary>As "proc/meminfo".</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "proc/meminfo", "proc/cpuinfo", "proc/uptime", "proc/stat", "proc/diskstats", "proc/swaps",
        "proc/loadavg", "proc/vmstat", "proc/slabinfo",
        Attaching.CpuDirectory.Name,
    ];
}
