namespace ProcFs.Hook.Hooking;

/// <summary>What is served, for where the daemon cannot be asked. A test compares it with the daemon's own list.</summary>
public static class ServedFiles
{
    /// <summary>What every runc accepts as the destination of a mount below /proc.</summary>
    private static readonly string[] AcceptedInProc =
        ["proc/cpuinfo", "proc/diskstats", "proc/loadavg", "proc/meminfo", "proc/slabinfo", "proc/stat", "proc/swaps", "proc/uptime"];

    /// <summary>As "proc/meminfo".</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "proc/meminfo", "proc/cpuinfo", "proc/uptime", "proc/stat", "proc/diskstats", "proc/swaps",
        "proc/loadavg", "proc/vmstat", "proc/slabinfo",
        "proc/pressure/cpu", "proc/pressure/io", "proc/pressure/memory", "proc/pressure/irq",
        Attaching.CpuDirectory.Name,
    ];

    /// <summary>Whether a runtime's configuration may have it as the destination of a mount: below /sys all of it, below /proc what every runc accepts.</summary>
    public static bool IsAcceptedByRuntimes(string file) => file.StartsWith("sys/", StringComparison.Ordinal) || AcceptedInProc.Contains(file);

    /// <summary>Whether programs in containers may write to it: a trigger, to the files that tell of pressure. All others are attached read-only.</summary>
    public static bool IsWritable(string file) => file.StartsWith("proc/pressure/", StringComparison.Ordinal);
}
