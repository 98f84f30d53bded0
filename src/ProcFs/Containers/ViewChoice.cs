using ProcFs.Hook.Hooking;
using ProcFs.Hook.Registration;

namespace ProcFs.Containers;

/// <summary>What was chosen for one container, by its annotations or by hand. Null: nothing, so it is as configured for all. Values: docs/hook.md.</summary>
internal sealed record ViewChoice
{
    /// <summary>How many CPUs.</summary>
    public CpuPolicy? Cpus { get; init; }

    /// <summary>Whether they have the host's numbers.</summary>
    public bool? HostNumbers { get; init; }

    /// <inheritdoc cref="ViewOptions.ContainerBootTime"/>
    public bool? ContainerBootTime { get; init; }

    /// <inheritdoc cref="ViewOptions.ShowSwap"/>
    public bool? ShowSwap { get; init; }

    /// <summary>What MemTotal is, in bytes; 0: by the limit, whatever is configured for all.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Files that are switched off.</summary>
    public OffFiles Off { get; init; } = OffFiles.None;

    /// <summary>Null: it says nothing. A value that makes no sense counts as not said: the hook has told of it.</summary>
    public static ViewChoice? Of(RegistryEntry entry)
    {
        if (entry.View.Count == 0 && entry.Off is null)
        {
            return null;
        }

        return new ViewChoice
        {
            Cpus = CpuPolicy.Parse(Value("cpu")),
            HostNumbers = Value("cpu-numbering") is { } numbering ? numbering == "host" : null,
            ContainerBootTime = Value("btime") is { } time ? time == "container" : null,
            ShowSwap = Value("swap") is { } swap ? swap == "show" : null,
            MemoryBytes = Value("memory") is not { } memory ? null : ViewWords.TryParseMemory(memory, out long bytes) ? bytes : 0,
            Off = OffFiles.Of(entry.Off),
        };

        string? Value(string name) => entry.View.TryGetValue(name, out string? value) && ViewWords.Find(name)!.IsPossible(value) ? value : null;
    }

    /// <summary>What counts for the container.</summary>
    /// <param name="all">As configured for all.</param>
    public ViewOptions Over(ViewOptions all) => all with
    {
        Cpus = (Cpus ?? all.Cpus) with { HostNumbers = HostNumbers ?? all.Cpus.HostNumbers },
        ContainerBootTime = ContainerBootTime ?? all.ContainerBootTime,
        ShowSwap = ShowSwap ?? all.ShowSwap,
        MemoryBytes = MemoryBytes is { } memory ? (memory == 0 ? null : memory) : all.MemoryBytes,
        Off = all.Off.And(Off),
    };
}
