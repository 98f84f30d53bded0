using System.Globalization;
using ProcFs.Cgroups;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Files;

namespace ProcFs.Serving;

/// <summary>One thing that a container is shown, and the rule that it is shown by.</summary>
/// <param name="Name">"cpus", "memory" …</param>
/// <param name="Value">What it sees.</param>
/// <param name="Why">The rule, and who set it.</param>
internal readonly record struct ExplainedValue(string Name, string Value, string Why);

/// <summary>Says for people which rule gave each number.</summary>
internal static class ViewExplanation
{
    /// <summary>What must be known for it.</summary>
    public const Facts Needs = Facts.Memory | Facts.Cpus;

    /// <param name="snapshot">Filled with <see cref="Needs"/>.</param>
    /// <param name="choice">What was chosen for this container alone; null: nothing.</param>
    /// <param name="config">What is configured for all.</param>
    public static IReadOnlyList<ExplainedValue> Of(ContainerSnapshot snapshot, ViewChoice? choice, ProcFsConfig config) =>
    [
        Cpus(snapshot, Origin("cpuView", "cpu", choice?.Cpus is not null, config)),
        Numbering(snapshot, Origin("cpuNumbering", "cpu-numbering", choice?.HostNumbers is not null, config)),
        Memory(snapshot, Origin("memory", "memory", choice?.MemoryBytes is not null, config)),
        Swap(snapshot, Origin("swap", "swap", choice?.ShowSwap is not null, config)),
        BootTime(snapshot, Origin("btime", "btime", choice?.ContainerBootTime is not null, config)),
        Off(snapshot, choice),
    ];

    private static string Origin(string key, string word, bool isChosen, ProcFsConfig config)
        => isChosen ? $"for this container, by io.procfs.{word} or attach --{word}"
        : config.Origins.TryGetValue(key, out string? origin) ? $"by {key} of {origin}"
        : $"by default of {key}";

    private static ExplainedValue Cpus(ContainerSnapshot snapshot, string origin)
    {
        CpuView cpus = snapshot.Cpus;
        CpuPolicy policy = snapshot.Options.Cpus;
        string value = string.Create(CultureInfo.InvariantCulture,
            $"{cpus.Count}, with the time of {(decimal)cpus.CapacityNumerator / cpus.CapacityDenominator:0.##}");
        string quota = snapshot.Resources.Quota is { } limit
            ? string.Create(CultureInfo.InvariantCulture, $"a quota of {(decimal)limit.QuotaUsec / limit.PeriodUsec:0.##}")
            : "no quota";
        string set = snapshot.Resources.EffectiveCpus is { } effective ? $"cpuset {effective.Format()}" : "no cpuset";
        string rule = policy.Kind switch
        {
            CpuPolicyKind.Quota => "quota and cpuset count",
            CpuPolicyKind.Cpuset => "the cpuset counts",
            CpuPolicyKind.All => "all CPUs of the host are shown",
            _ => string.Create(CultureInfo.InvariantCulture, $"{policy.Count} are shown"),
        };
        return new ExplainedValue("cpus", value, $"{rule} ({origin}): {quota}, {set}, host {snapshot.Host.OnlineCpus.Format()}");
    }

    private static ExplainedValue Numbering(ContainerSnapshot snapshot, string origin)
        => new("cpu numbers", snapshot.Cpus.HasHostNumbers ? "the host's" : "from 0", origin);

    private static ExplainedValue Memory(ContainerSnapshot snapshot, string origin)
    {
        long host = snapshot.Host.Meminfo.MemTotalKb;
        ContainerResources resources = snapshot.Resources;
        if (ProcFiles.Meminfo.ShowsHost(snapshot))
        {
            return new ExplainedValue("memory", Kb(host), "the host's: nothing limits it, and it is no container with a cgroup of its own");
        }

        string value = Kb(MemoryView.Of(snapshot).TotalBytes / 1024);
        string limit = resources.MemoryScope != ControllerScope.Container ? "no memory controller"
            : resources.Memory.LimitBytes is { } bytes ? $"limit {Kb(bytes / 1024)}, the tightest of {resources.MemoryLevels.Length} on the way to the root"
            : "no limit";
        string rule = snapshot.Options.MemoryBytes is { } memory ? $"fixed at {Kb(memory / 1024)}" : "the limit, cut to what the host has";
        return new ExplainedValue("memory", value, $"{rule} ({origin}): {limit}, host {Kb(host)}");
    }

    private static ExplainedValue Swap(ContainerSnapshot snapshot, string origin)
    {
        if (ProcFiles.Meminfo.ShowsHost(snapshot))
        {
            return new ExplainedValue("swap", Kb(snapshot.Host.Meminfo.SwapTotalKb), "the host's, as the memory");
        }

        string value = Kb(SwapView.Of(snapshot).TotalKb);
        string rule = !snapshot.Options.ShowSwap ? "hidden" : "the limit, cut to what the host has";
        string limit = snapshot.Host.Meminfo.SwapTotalKb == 0 ? "the host has none"
            : snapshot.Resources.MemoryScope != ControllerScope.Container || snapshot.Resources.Memory.Swap is not { } swap ? "swap is not accounted"
            : swap.IsOff ? "swapping is off"
            : swap.LimitBytes is { } bytes ? $"limit {Kb(bytes / 1024)}"
            : "no limit";
        return new ExplainedValue("swap", value, $"{rule} ({origin}): {limit}");
    }

    private static ExplainedValue BootTime(ContainerSnapshot snapshot, string origin)
        => snapshot.BootOffsetNs != 0 ? new ExplainedValue("btime", "the container's", "it has a time namespace with an offset of its own")
        : snapshot.Options.ContainerBootTime ? new ExplainedValue("btime", "the container's start", origin)
        : new ExplainedValue("btime", "the host's", origin);

    private static ExplainedValue Off(ContainerSnapshot snapshot, ViewChoice? choice)
    {
        OffFiles off = snapshot.Options.Off;
        string whose = choice is { Off.IsNone: false } ? "procfs off, for this container" : "procfs off --all";
        return off.IsNone ? new ExplainedValue("off", "nothing", "no procfs off")
            : new ExplainedValue("off", off.Names is [OffFiles.Every] ? "all files" : string.Join(" ", off.Names), whose);
    }

    private static string Kb(long kilobytes) => string.Create(CultureInfo.InvariantCulture, $"{kilobytes} kB");
}
