namespace ProcFs.Containers;

/// <summary>How containers are shown: the switches of the configuration that change text. docs/configuration.md says what each does.</summary>
internal sealed record ViewOptions
{
    /// <summary>How many CPUs a container sees that has no annotation of its own about it.</summary>
    public CpuPolicy Cpus { get; init; }

    /// <summary>btime in /proc/stat is the container's start, not the host's boot.</summary>
    public bool ContainerBootTime { get; init; }

    /// <summary>Swap is shown; otherwise containers see none.</summary>
    public bool ShowSwap { get; init; } = true;

    /// <summary>MemTotal in bytes, whatever the limit is, cut to what the host has; null: by the limit.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Files that show the host's text.</summary>
    public OffFiles Off { get; init; } = OffFiles.None;

    /// <summary>Containers are shown load averages of their own; otherwise they are all zero, and nothing is sampled.</summary>
    public bool LoadAverage { get; init; } = true;

    /// <summary>How many threads of one container a walk visits at most.</summary>
    public int MostThreads { get; init; } = 4096;
}
