namespace ProcFs.Hook.Attaching;

/// <summary>What became of one file.</summary>
public enum AttachOutcome
{
    /// <summary>Mounted over the kernel's own file.</summary>
    Attached,

    /// <summary>It was there already, and served.</summary>
    Present,

    /// <summary>Put in the place of a dead or outdated one of ours.</summary>
    Replaced,

    /// <summary>Mounted on top of a dead one of ours, which the kernel would not let go (locked in a user namespace).</summary>
    Stacked,

    /// <summary>Ours was taken off; the kernel's own file shows.</summary>
    Detached,

    /// <summary>Something that is not ours is mounted there, or will be: left alone.</summary>
    Foreign,

    /// <summary>The container has no such file.</summary>
    Missing,

    /// <summary>The kernel refused, or time was up.</summary>
    Failed,
}
