using System.Globalization;

namespace ProcFs.Bench;

/// <summary>What the reader in a container does, as it stands on its command line.</summary>
internal sealed record ReadPlan
{
    /// <summary>In each round every path has its turn once, in an order that is drawn anew.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Reads in one turn.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>Milliseconds before each turn; 0: none.</summary>
    public int GapMs { get; init; }

    /// <summary>Threads that read the same path at once.</summary>
    public int Readers { get; init; } = 1;

    /// <summary>It ends after this time, even when rounds are left; 0: when the rounds are done.</summary>
    public int Seconds { get; init; }

    /// <summary>pread(2) at 0 on a descriptor that stays open, as top does, instead of open, read and close.</summary>
    public bool IsKept { get; init; }

    /// <summary>Of the order.</summary>
    public int Seed { get; init; } = 1;

    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Rounds before the ones that count: the first read of a file is not like the others.</summary>
    public const int WarmRounds = 1;

    /// <summary>How often each path is read, with the rounds that do not count, when no time limit comes before.</summary>
    public int ReadsPerPath => (Rounds + WarmRounds) * Burst * Readers;

    /// <summary>About how long it waits between turns.</summary>
    public TimeSpan Waiting => Seconds > 0 ? TimeSpan.FromSeconds(Seconds) : TimeSpan.FromMilliseconds((double)(Rounds + WarmRounds) * Paths.Count * GapMs);

    /// <exception cref="BenchFailure">Not a plan.</exception>
    public static ReadPlan Parse(IReadOnlyList<string> words)
    {
        Arguments arguments = new(words, ["--rounds", "--burst", "--gap-ms", "--readers", "--seconds", "--seed"], ["--kept"]);
        return arguments.Rest.Count == 0 ? throw new BenchFailure("read what? Name the files") : new ReadPlan
        {
            Rounds = arguments.Number("--rounds", 1),
            Burst = Math.Max(1, arguments.Number("--burst", 1)),
            GapMs = arguments.Number("--gap-ms", 0),
            Readers = Math.Max(1, arguments.Number("--readers", 1)),
            Seconds = arguments.Number("--seconds", 0),
            Seed = arguments.Number("--seed", 1),
            IsKept = arguments.Has("--kept"),
            Paths = arguments.Rest,
        };
    }

    public string[] Words() =>
    [
        "--rounds", Text(Rounds), "--burst", Text(Burst), "--gap-ms", Text(GapMs), "--readers", Text(Readers), "--seconds", Text(Seconds), "--seed", Text(Seed),
        .. IsKept ? new[] { "--kept" } : [], .. Paths,
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
