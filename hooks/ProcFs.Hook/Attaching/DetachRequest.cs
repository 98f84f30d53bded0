namespace ProcFs.Hook.Attaching;

/// <summary>One mount namespace to take our files out of.</summary>
public sealed record DetachRequest
{
    /// <summary>A process in that namespace, in the caller's pid namespace.</summary>
    public required int Pid { get; init; }

    /// <summary>Its start in clock ticks since boot: the process is refused when it is another one by now.</summary>
    public required ulong StartTime { get; init; }

    /// <summary>The procfs of the host that has the containers.</summary>
    public required string ProcRoot { get; init; }

    /// <summary>Files that stay as they are, as "proc/meminfo".</summary>
    public IReadOnlyList<string> Except { get; init; } = [];

    /// <summary>How to know mounts of ours.</summary>
    public required OwnMounts Own { get; init; }

    /// <summary>How long all of it may take.</summary>
    public required TimeSpan Within { get; init; }
}
