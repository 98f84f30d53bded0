using ProcFs.Configuration;
using ProcFs.Host;

namespace ProcFs.Serving;

/// <summary>What the daemon is started with.</summary>
internal sealed record DaemonOptions
{
    /// <summary>
    /// Started by <c>procfs run</c> for one command: lives outside the terminal's process group, so that Ctrl-C is the command's alone,
    /// and ends with its parent, however that ends.
    /// </summary>
    public required bool ForParent { get; init; }

    /// <summary>Started by <c>procfs supervise</c>, which passes descriptors but cannot know our pid when it does.</summary>
    public required bool IsSupervised { get; init; }

    /// <summary>Where everybody finds the files. The session is known by it; the connection itself is mounted below the run directory.</summary>
    public required string Mount { get; init; }

    /// <summary>The mount point is our own directory and made if it is missing; one that somebody named must exist.</summary>
    public required bool CreateMount { get; init; }

    /// <summary>The lock, the history, the keeper's socket.</summary>
    public required string RunDirectory { get; init; }

    public required HostRoots Roots { get; init; }

    public required ProcFsConfig Config { get; init; }

    /// <summary>The configuration file, there or not.</summary>
    public required string ConfigFile { get; init; }

    /// <summary>Why the file could not be used, so that <see cref="Config"/> is what was used before; null: it could.</summary>
    public string? ConfigDefect { get; init; }

    /// <summary>Reads the configuration once more, as it was read at the start. Throws <see cref="Failure"/> when that cannot be.</summary>
    public required Func<ProcFsConfig> LoadConfig { get; init; }

    /// <summary>All of these places as options, for other verbs that are started.</summary>
    public required IReadOnlyList<string> RootArguments { get; init; }
}
