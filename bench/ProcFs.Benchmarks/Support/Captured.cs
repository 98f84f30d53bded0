using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace ProcFs.Benchmarks.Support;

/// <summary>Texts of the captured hosts below tests/fixtures, and the same for a host with more CPUs.</summary>
internal static class Captured
{
    private const string Hybrid = "hybrid-6.18";
    private const string V2 = "v2-6.12";
    private static readonly string[] V1Controllers = ["memory", "cpu", "cpuacct", "cpuset", "blkio"];

    public static string Repository { get; } = Path.GetFullPath(Path.Combine(SourceDirectory(), "../../.."));

    /// <summary>A file of the captured host of a cgroup version, "proc/meminfo".</summary>
    public static string Text(string version, string path) => File.ReadAllText(Path.Combine(HostOf(version), path), Encoding.Latin1);

    /// <summary>A file of the cgroup of its container "small", by the controller that it lives with on v1.</summary>
    public static string CgroupText(string version, string controller, string name)
        => Text(version, Path.Combine("sys/fs/cgroup", version == "v1" ? controller : "", "fix/small", name));

    /// <summary>All files of that cgroup, each with its controller's name in front ("memory.stat"), as the captured host had them.</summary>
    public static IEnumerable<(string Name, string Text)> CgroupFiles(string version)
    {
        string root = Path.Combine(HostOf(version), "sys/fs/cgroup");
        string[] directories = version == "v1"
            ? [.. V1Controllers.Select(controller => Path.Combine(root, controller, "fix/small"))]
            : [Path.Combine(root, "fix/small")];
        return from directory in directories
               from file in Directory.EnumerateFiles(directory)
               where !Path.GetFileName(file).StartsWith("cgroup.", StringComparison.Ordinal)
               select (Path.GetFileName(file), File.ReadAllText(file, Encoding.Latin1));
    }

    /// <summary>The captured stat file with so many CPU lines.</summary>
    public static string Stat(string version, int cpus)
    {
        string[] lines = Text(version, "proc/stat").Split('\n');
        string of0 = lines.First(line => line.StartsWith("cpu0 ", StringComparison.Ordinal))["cpu0".Length..];
        IEnumerable<string> perCpu = Enumerable.Range(0, cpus).Select(cpu => "cpu" + cpu.ToString(CultureInfo.InvariantCulture) + of0);
        return string.Join('\n', [lines[0], .. perCpu, .. lines.Where(line => !line.StartsWith("cpu", StringComparison.Ordinal))]);
    }

    /// <summary>The captured cpuinfo with so many processors, two threads a core, one package.</summary>
    public static string Cpuinfo(string version, int cpus)
    {
        string first = Text(version, "proc/cpuinfo").Split("\n\n")[0];
        return string.Concat(Enumerable.Range(0, cpus).Select(cpu => string.Join('\n', first.Split('\n').Select(line => Of(line, cpu))) + "\n\n"));

        string Of(string line, int cpu) => line.Split('\t', ':')[0].TrimEnd() switch
        {
            "processor" or "apicid" or "initial apicid" => Value(line, cpu),
            "siblings" => Value(line, cpus),
            "core id" => Value(line, cpu / 2),
            "cpu cores" => Value(line, cpus / 2),
            _ => line,
        };

        static string Value(string line, int value) => line[..(line.IndexOf(':', StringComparison.Ordinal) + 2)] + value.ToString(CultureInfo.InvariantCulture);
    }

    private static string HostOf(string version) => Path.Combine(Repository, "tests/fixtures", version == "v1" ? Hybrid : V2);

    private static string SourceDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
