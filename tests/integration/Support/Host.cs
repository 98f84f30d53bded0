using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>The machine the tests run on, by the test's own reading.</summary>
internal static class Host
{
    /// <summary>The numbers of the online CPUs.</summary>
    public static IReadOnlyList<int> Cpus { get; } = CpuList(File.ReadAllText("/sys/devices/system/cpu/online"));

    /// <summary>Can its kernel be asked to send unanswered FUSE requests again (since 6.9)?</summary>
    public static bool CanResend { get; } = Environment.OSVersion.Version >= new Version(6, 9);

    public static long MemTotalKib => ProcText.Kib(File.ReadAllText("/proc/meminfo"), "MemTotal");

    public static long SwapTotalKib => ProcText.Kib(File.ReadAllText("/proc/meminfo"), "SwapTotal");

    /// <summary>The CPUs that a container with this quota (µs per 100 ms) on all CPUs sees.</summary>
    public static int CpusWithin(int quota) => Math.Min(Cpus.Count, (quota + 99999) / 100000);

    /// <summary>"0,2-3" as numbers.</summary>
    public static IReadOnlyList<int> CpuList(string text) =>
        [.. text.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(range => range.Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray())
            .SelectMany(ends => Enumerable.Range(ends[0], ends[^1] - ends[0] + 1))];

    /// <summary>What /sys/devices/system/cpu/online says of n CPUs.</summary>
    public static string FirstCpus(int n) => n == 1 ? "0" : $"0-{n - 1}";
}
