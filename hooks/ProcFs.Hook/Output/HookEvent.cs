namespace ProcFs.Hook.Output;

/// <summary>
/// What kind of event a line of the hook or of the runtime wrapper tells of. A number never changes its meaning, and the daemon's events have none of these: docs/logs.md
/// has all of them. From <see cref="WrongUse"/> on somebody should do something about it.
/// </summary>
public enum HookEvent
{
    /// <summary>A container has its files.</summary>
    Attached = 1801,

    /// <summary>A container gets none, and that is what was wanted.</summary>
    Skipped = 1802,

    /// <summary>A container has ended.</summary>
    Ended = 1803,

    /// <summary>The command line, or what the runtime says, is none.</summary>
    WrongUse = 1811,

    /// <summary>A container gets no files.</summary>
    NoFiles = 1812,

    /// <summary>A container has files, and not all that were wanted.</summary>
    SomeFiles = 1813,

    /// <summary>Something that was chosen for a container, or configured, makes no sense, and does not count.</summary>
    Remark = 1814,

    /// <summary>A container has ended, and the daemon could not be told.</summary>
    NotForgotten = 1815,

    /// <summary>Time was up, or a defect of ours: what was done by then is not known.</summary>
    NotDone = 1816,

    /// <summary>The wrapper cannot become the real runtime.</summary>
    NoRuntime = 1817,
}
