using System.Globalization;

namespace ProcFs.Bench;

/// <summary>On what something was measured.</summary>
/// <param name="Kernel">As uname -r has it, up to the first dash.</param>
/// <param name="Cpu">The model's name.</param>
/// <param name="Cpus">How many are online.</param>
/// <param name="Cgroup">"v1", "hybrid" or "v2".</param>
/// <param name="Versions">Program and version.</param>
internal sealed record Machine(string Kernel, string Cpu, int Cpus, string Cgroup, IReadOnlyDictionary<string, string> Versions)
{
    /// <summary>Whether it is an emulated one (tests/vm), whose absolute times say nothing.</summary>
    public static bool IsEmulated { get; } = Environment.GetEnvironmentVariable("PROCFS_TEST_GUEST") is { Length: > 0 };

    /// <param name="programs">Name and path of what is measured.</param>
    public static Machine Look(params (string Name, string? Program)[] programs) => new(
        // What a distribution or a provider appends says nothing here.
        Processes.Read("/proc/sys/kernel/osrelease").Trim().Split('-')[0],
        File.ReadLines("/proc/cpuinfo").Where(l => l.StartsWith("model name", StringComparison.Ordinal)).Select(l => l.Split(':')[1].Trim()).FirstOrDefault() ?? "unknown",
        Environment.ProcessorCount,
        CgroupMounts.Layout,
        programs.Where(p => p.Program is not null).ToDictionary(p => p.Name, p => VersionOf(p.Program!)));

    private static string VersionOf(string program)
    {
        Output output = Child.Run(program, "--version");
        return (output.Out + output.Error).Split('\n')[0].Trim().Trim('"');
    }
}

/// <summary>What else the machine did while something was measured.</summary>
/// <param name="StealPercent">Of all CPU time: what the hypervisor gave to others.</param>
/// <param name="BusyPercent">Of all CPU time: what anybody used, the measured ones among them.</param>
/// <param name="Load">The load average of a minute at the end.</param>
internal sealed record Unrest(double StealPercent, double BusyPercent, double Load)
{
    /// <summary>The CPU times of /proc/stat now, to begin with.</summary>
    public static long[] Now() => [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(n => long.Parse(n, CultureInfo.InvariantCulture))];

    public static Unrest Since(long[] before)
    {
        const int idle = 3, iowait = 4, steal = 7;
        long[] spent = [.. Now().Zip(before, (a, b) => Math.Max(0, a - b))];
        double all = Math.Max(1, spent.Sum());
        return new Unrest(
            100 * spent[steal] / all,
            100 * (all - spent[idle] - spent[iowait] - spent[steal]) / all,
            double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));
    }
}
