using ProcFs.Cgroups;

namespace ProcFs.Containers;

/// <summary>What all workers share to tell callers apart.</summary>
/// <param name="Proc">The procfs of the containers' host.</param>
/// <param name="Layout">Which controller lives where.</param>
/// <param name="Table">The containers known so far.</param>
/// <param name="Cache">Which view belongs to which namespaces and cgroups.</param>
/// <param name="MostThreads">How many processes or threads of one container are visited at most.</param>
internal sealed record CallerContext(ProcRoot Proc, CgroupLayout Layout, ContainerTable Table, CallerCache Cache, int MostThreads)
{
    /// <summary>The host's pid namespace: that of whoever "self" is in this procfs.</summary>
    public required ulong HostPidNamespace { get; init; }

    /// <summary>The mount namespace of the host's init. A process with the host's pid namespace and another one of these is in a container.</summary>
    public required ulong HostMountNamespace { get; init; }

    /// <summary>The time namespace that start times and uptimes are counted in here.</summary>
    public required ulong HostTimeNamespace { get; init; }

    /// <summary>What a caller gets who is not visible from here, or gone: a container without controllers and without a beginning.</summary>
    public required CallerView Unknown { get; init; }
}
