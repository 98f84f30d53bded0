namespace ProcFs.Containers;

/// <summary>Whose values a caller gets.</summary>
/// <param name="Container">The container it is in; for a process of the host, its own cgroup looked at as one.</param>
/// <param name="IsHostProcess">It is in no container: the host's own text, wherever no limit applies to it.</param>
internal sealed record CallerView(Container Container, bool IsHostProcess);
