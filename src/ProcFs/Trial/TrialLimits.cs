using System.Globalization;
using ProcFs.Cgroups;
using ProcFs.Hook.Hooking;

namespace ProcFs.Trial;

/// <summary>The limits of <c>procfs run</c>; null: none.</summary>
/// <param name="MemoryBytes">At least 1 MiB.</param>
/// <param name="QuotaUsec">CPU time in each period of <see cref="PeriodUsec"/>.</param>
/// <param name="Cpus">The CPUs it may run on, in list format.</param>
internal sealed record TrialLimits(long? MemoryBytes, long? QuotaUsec, string? Cpus)
{
    public const long PeriodUsec = 100_000;

    // The kernel takes no quota below 1 ms.
    private const long LeastQuotaUsec = 1000;

    /// <exception cref="Failure">A text is not what it should be.</exception>
    public static TrialLimits Parse(string? memory, string? cpus, string? cpuset)
        => new(memory is null ? null : ParseMemory(memory), cpus is null ? null : ParseCpus(cpus), cpuset is null ? null : ParseCpuset(cpuset));

    private static long ParseMemory(string text)
        => ViewWords.TryParseMemory(text, out long bytes)
            ? bytes
            : throw new Failure(ExitCode.WrongUse, $"--memory must be a number of bytes from 1m up, k, m or g behind it, as in 50m, not \"{text}\"");

    private static long ParseCpus(string text)
        => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            && number is > 0 and <= CpuSet.MaxCpu && (long)(number * PeriodUsec) is >= LeastQuotaUsec and long quota
            ? quota
            : throw new Failure(ExitCode.WrongUse, $"--cpus must be a number of CPUs from 0.01 up, as in 1.5, not \"{text}\"");

    private static string ParseCpuset(string text)
        => CpuSet.TryParse(text, out CpuSet set) && set.Count > 0
            ? set.Format()
            : throw new Failure(ExitCode.WrongUse, $"--cpuset must be a list of CPU numbers, as in 0 or 0,2-3, not \"{text}\"");
}
