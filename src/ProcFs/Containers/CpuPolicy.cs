using System.Globalization;

namespace ProcFs.Containers;

/// <summary>What decides how many CPUs a container sees. What they can give it is limited by quota and cpuset in any case.</summary>
internal enum CpuPolicyKind
{
    /// <summary>Those of its cpuset, and not more than its quota is worth, rounded up.</summary>
    Quota,

    /// <summary>Those of its cpuset.</summary>
    Cpuset,

    /// <summary>All online ones of the host.</summary>
    All,

    /// <summary>A number that somebody chose, up to those of the host.</summary>
    Fixed,
}

/// <summary>The setting cpuView, and the annotation io.procfs.cpu.</summary>
/// <param name="Kind">What decides.</param>
/// <param name="Count">How many, with <see cref="CpuPolicyKind.Fixed"/>; else 0.</param>
/// <param name="HostNumbers">They keep the host's numbers (setting cpuNumbering); otherwise they are numbered from 0.</param>
internal readonly record struct CpuPolicy(CpuPolicyKind Kind, int Count = 0, bool HostNumbers = false)
{
    /// <summary>What an operator can write.</summary>
    public const string Allowed = "\"quota\", \"cpuset\", \"all\" or a number of CPUs from 1 to 8192";

    private const int Most = 8192; // NR_CPUS of the largest kernels

    public static CpuPolicy? Parse(string? text) => text switch
    {
        "quota" => new CpuPolicy(CpuPolicyKind.Quota),
        "cpuset" => new CpuPolicy(CpuPolicyKind.Cpuset),
        "all" => new CpuPolicy(CpuPolicyKind.All),
        _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Most ? new CpuPolicy(CpuPolicyKind.Fixed, count) : null,
    };
}
