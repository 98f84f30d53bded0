using System.Globalization;

namespace ProcFs.Bench;

/// <summary>What <c>procfs-bench run</c> is asked for.</summary>
internal sealed record RunOptions
{
    public const string Cold = "cold", Repeated = "repeated", Kept = "kept", Several = "readers", Hammer = "hammer", Requests = "requests";

    public const string Help =
        """
        usage: procfs-bench run [OPTION]...
          --mode LIST      cold, repeated, kept, readers, hammer, requests (all)
          --files LIST     meminfo, stat, cpuinfo, uptime, diskstats (all)
          --threads LIST   threads of the container: 1,200,2000
          --sources LIST   procfs, common, lxcfs, floor, kernel (all)
          --containers N   that hammer (50)
          --quota N        µs of CPU time that a container has per 100 ms (150000); 0: no limit, so that it sees all CPUs
          --short          fewer rounds, one thread, without hammering: a table in seconds
          --strace         counts requests by strace even where the kernel has trace points
          --no-save        nothing in bench/results
          --out DIR        results go there
        PROCFS_BINARY and LXCFS name other programs to measure.
        """;

    public static readonly string[] AllModes = [Cold, Repeated, Kept, Several, Hammer, Requests];

    public required string[] Modes { get; init; }

    public required string[] Files { get; init; }

    public required int[] Threads { get; init; }

    public required string[] Sources { get; init; }

    /// <summary>Containers that hammer.</summary>
    public required int Containers { get; init; }

    /// <summary>µs of CPU time per 100 ms; null: no limit.</summary>
    public required int? Quota { get; init; }

    public required bool IsShort { get; init; }

    /// <summary>Not everything: its results never take the place of a whole run's.</summary>
    public required bool IsPartial { get; init; }

    public required bool OnlyStrace { get; init; }

    /// <summary>Whether results are kept.</summary>
    public required bool IsSaved { get; init; }

    /// <summary>Null: bench/results.</summary>
    public required string? Directory { get; init; }

    /// <exception cref="BenchFailure">Something it does not know.</exception>
    public static RunOptions Parse(string[] words)
    {
        Arguments arguments = new(words, ["--mode", "--files", "--threads", "--sources", "--containers", "--quota", "--out"], ["--short", "--no-save", "--strace"]);
        if (arguments.Rest.Count > 0)
        {
            throw new BenchFailure($"run takes options alone, not \"{arguments.Rest[0]}\"; --help shows them");
        }

        bool isShort = arguments.Has("--short");
        return new RunOptions
        {
            Modes = arguments.Words("--mode", isShort ? [Cold, Repeated] : AllModes, AllModes),
            Files = arguments.Words("--files", Scene.AllFiles, Scene.AllFiles),
            Sources = arguments.Words("--sources", Source.All, Source.All),
            Threads = ThreadsOf(arguments.Text("--threads") ?? (isShort ? "1" : "1,200,2000")),
            Containers = Math.Max(1, arguments.Number("--containers", 50)),
            Quota = arguments.Number("--quota", Scene.UsualQuota) is > 0 and int quota ? quota : null,
            IsShort = isShort,
            IsPartial = isShort || words.Any(word => word is "--mode" or "--files" or "--threads" or "--sources" or "--containers" or "--quota"),
            OnlyStrace = arguments.Has("--strace"),
            IsSaved = !arguments.Has("--no-save"),
            Directory = arguments.Text("--out"),
        };
    }

    private static int[] ThreadsOf(string list) => [.. list.Split(',').Select(word =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new BenchFailure($"--threads are numbers above 0, not \"{word}\""))];
}
