namespace ProcFs.Hook.Attaching;

/// <summary>One container to attach files to.</summary>
public sealed record AttachRequest
{
    /// <summary>A process of the container, in the caller's pid namespace.</summary>
    public required int Pid { get; init; }

    /// <summary>Its start in clock ticks since boot: the process is refused when it is another one by now.</summary>
    public required ulong StartTime { get; init; }

    /// <summary>The procfs of the host that has the containers.</summary>
    public required string ProcRoot { get; init; }

    /// <summary>
    /// The directory that is "/" of the container once it runs, as its process sees it now: an OCI hook comes before pivot_root(2). Null: its root.
    /// </summary>
    public string? RootPath { get; init; }

    /// <summary>The directory on the private mount with this container's files: …/c/NUMBER or …/common.</summary>
    public required string SourceDirectory { get; init; }

    /// <summary>Which of them, as "proc/meminfo" or "sys/devices/system/cpu/online"; <see cref="CpuDirectory.Name"/> is the directory as a whole.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Files that are to be left alone because the engine will mask them (maskedPaths), as "proc/…".</summary>
    public IReadOnlyList<string> Masked { get; init; } = [];

    /// <summary>How to know mounts of ours.</summary>
    public required OwnMounts Own { get; init; }

    /// <summary>How long all of it may take.</summary>
    public required TimeSpan Within { get; init; }
}
