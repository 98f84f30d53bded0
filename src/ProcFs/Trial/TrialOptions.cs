using ProcFs.Host;

namespace ProcFs.Trial;

/// <summary>What <c>procfs run</c> is to run, and where it finds things.</summary>
internal sealed record TrialOptions
{
    public required TrialLimits Limits { get; init; }

    public required string[] Command { get; init; }

    /// <summary>A daemon that serves there is used; if there is none, one of our own is started for the time of the command.</summary>
    public required string Mount { get; init; }

    public required string RunDirectory { get; init; }

    public required HostRoots Roots { get; init; }

    /// <summary>Null: the default file.</summary>
    public required string? ConfigPath { get; init; }
}
