namespace ProcFs.Cgroups;

/// <summary>
/// The readers of one controller from the container's cgroup upwards, without the root. <see cref="Scope"/> is Absent where the container
/// has no path in the hierarchy, Root where its path is the root.
/// </summary>
internal sealed class LevelChain<TReader>(ControllerScope scope, CgroupDirectory? own, TReader[] readers)
    where TReader : class
{
    public ControllerScope Scope => scope;

    public ReadOnlySpan<TReader> Readers => readers;

    /// <summary>Ancestors cannot vanish before the container's own cgroup, so one look is enough.</summary>
    public bool Vanished => own is { Vanished: true };
}
