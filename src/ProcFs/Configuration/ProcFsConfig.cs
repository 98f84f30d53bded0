using Microsoft.Extensions.Logging;
using ProcFs.Containers;
using ProcFs.Hook.Settings;
using ProcFs.Logging;
using ProcFs.Metrics;

namespace ProcFs.Configuration;

/// <summary>What an operator can set. Each key with default, unit and when it takes effect: docs/configuration.md.</summary>
internal sealed record ProcFsConfig
{
    /// <summary>Threads that answer requests.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Open files that keep a text of their own; more than that is allowed, the oldest then read without one.</summary>
    public int OpenFiles { get; init; } = 4096;

    /// <summary>Descriptors of cgroup files kept open; 0: half of what the process may open.</summary>
    public int KeptDescriptors { get; init; }

    /// <summary>How long readers wait for a server before whoever keeps their mount lets them go.</summary>
    public TimeSpan ReleaseAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which containers get the files when nothing is said of one by itself. Hook and wrapper read it by themselves (<see cref="HookSettings"/>).</summary>
    public EnableMode Enable { get; init; }

    /// <summary>The wrapper's real runtime; null: the first that is found.</summary>
    public string? Runtime { get; init; }

    /// <summary>Where the daemon serves its metrics; null: nowhere.</summary>
    public MetricsAddress? Metrics { get; init; }

    /// <summary>The SELinux label of the mount; null: none of its own. Left out where SELinux is not in use.</summary>
    public string? SelinuxContext { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; }

    public ViewOptions View { get; init; } = new();

    /// <summary>Where each key was set that was, for people: a file, or "--set".</summary>
    public IReadOnlyDictionary<string, string> Origins { get; init; } = new Dictionary<string, string>();

    /// <summary>The same, with the origin of a key.</summary>
    public ProcFsConfig From(string key, string origin) => this with { Origins = new Dictionary<string, string>(Origins) { [key] = origin } };
}
