namespace ProcFs.Hook.Registration;

/// <summary>
/// What a hook or tool says of a container, in one file of the spool. The daemon believes none of it without looking: process, start time,
/// cgroups and namespaces are read from the kernel. docs/registration.md has the fields as a table.
/// </summary>
public sealed record RegistryEntry
{
    /// <summary>The container's id as its engine has it.</summary>
    public required string Id { get; init; }

    /// <summary>Its first process, in the pid namespace of the host that has the containers.</summary>
    public required int Pid { get; init; }

    /// <summary>When that was started, in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)).</summary>
    public required ulong StartTime { get; init; }

    /// <summary>Who registered it: "hook", "lxc" or "attach".</summary>
    public required string Source { get; init; }

    /// <summary>The OCI bundle's directory; null: there is none.</summary>
    public string? Bundle { get; init; }

    /// <summary>The files it is to have, as "proc/meminfo"; null: all that are served.</summary>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>
    /// How it is to be shown, where that is not as the daemon is configured: values by the names of <see cref="Hooking.ViewWords"/>. One that makes no sense to the
    /// daemon does not count.
    /// </summary>
    public IReadOnlyDictionary<string, string> View { get; init; } = new Dictionary<string, string>();

    /// <summary>Files that show it the host's text, as "proc/meminfo", or all of them: "*". Null: none.</summary>
    public IReadOnlyList<string>? Off { get; init; }

    /// <summary>Somebody detached it by hand: no attach but one by hand touches it again.</summary>
    public bool IsDetached { get; init; }
}
