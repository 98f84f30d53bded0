using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests.Support;

/// <summary>The packages that ./build.sh made, and what they do to a machine that is thrown away.</summary>
internal static class InstalledPackage
{
    private const string Current = "artifacts/packages", Before = "artifacts/previous/packages";

    public static string? WhySkipped { get; } = !Guest.HasSystemd ? "installs packages on the whole machine: needs a guest that is thrown away, with systemd as process 1: ./build.sh test"
        : Find(Current, "*.deb") is null || Find(Before, "*.deb") is null ? "there are no packages to install and to upgrade to: ./build.sh test makes them"
        : null;

    public static string Deb => Find(Current, "*.deb")!;

    public static string PreviousDeb => Find(Before, "*.deb")!;

    public static string Rpm => Find(Current, "*.rpm")!;

    public static string PreviousRpm => Find(Before, "*.rpm")!;

    /// <summary>apt-get, with its answer.</summary>
    public static Output Apt(params string[] arguments) => Child.RunFor(Pace.Limit(60), ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", .. arguments]);

    public static Output Dpkg(params string[] arguments) => Child.RunFor(Pace.Limit(60), ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", .. arguments]);

    /// <summary>The version that is installed; what dpkg says of it otherwise.</summary>
    public static string Status => Child.Run("dpkg-query", "--show", "--showformat", "${Status} ${Version}", "procfs").Out;

    /// <summary>Whatever on this machine is called after the program, but for logs and the tests' own.</summary>
    public static string[] Traces() => [.. ProcText.Lines(Child.Run("find", "/etc", "/usr", "/var/lib", "/run", "-xdev", "-name", "*procfs*", "-not", "-path", "/var/lib/systemd/*/procfs-test*").Out)];

    /// <summary>Processes of the installed program, also of one that is deleted or replaced since.</summary>
    public static int[] Processes() => [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, System.Globalization.CultureInfo.InvariantCulture))
        .Where(pid => ExeOf(pid).StartsWith(Units.Program, StringComparison.Ordinal))];

    /// <summary>Those that run one verb.</summary>
    public static int[] Processes(string verb) => [.. Processes().Where(pid => Support.Processes.CommandLine(pid) is [_, string first, ..] && first == verb)];

    /// <summary>Whether a process runs the program that is installed now, not one that was replaced.</summary>
    public static bool IsCurrent(int pid) => ExeOf(pid) == Units.Program;

    /// <summary>A container with limits and the hook, as the package's own file for runc has it.</summary>
    public static OciContainer Run(ServedTree tree) => tree.RunHooked(new ContainerOptions
    {
        IsBare = true,
        Memory = 64 << 20,
        Quota = Units.Quota,
        Change = config => config["hooks"] = JsonNode.Parse(File.ReadAllText("/usr/share/procfs/hooks/oci/config-hooks.json"))!["hooks"]!.DeepClone(),
    });

    private static string ExeOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/exe").LinkTarget ?? "";
        }
        catch (IOException)
        {
            // It has just ended.
            return "";
        }
    }

    private static string? Find(string directory, string pattern)
    {
        string whole = $"{Daemon.Repository}/{directory}";
        return Directory.Exists(whole) ? Directory.GetFiles(whole, pattern).SingleOrDefault() : null;
    }
}
