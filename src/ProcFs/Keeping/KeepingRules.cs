using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>What whoever keeps mounts goes by, and what it may do; the actions are replaced in tests.</summary>
internal sealed record KeepingRules
{
    private static readonly TimeSpan LeastStale = TimeSpan.FromSeconds(30);

    /// <summary>How long readers wait for a server before they are let go.</summary>
    public required TimeSpan ReleaseAfter { get; init; }

    /// <summary>How old the heartbeat of a server may be before it is killed.</summary>
    public TimeSpan StaleAfter => ReleaseAfter > LeastStale ? ReleaseAfter : LeastStale;

    /// <summary>How often to look: every second, or ten times in the release time when that is shorter.</summary>
    public TimeSpan LookEvery => TimeSpan.FromMilliseconds(Math.Clamp(ReleaseAfter.TotalMilliseconds / 10, 50, 1000));

    /// <summary>Makes a connection from received descriptors.</summary>
    public required KeptConnectionFactory Open { get; init; }

    /// <summary>Ends a process that holds a journal and does nothing.</summary>
    public Action<int> Kill { get; init; } = pid => _ = Libc.Kill(pid, Libc.SIGKILL);

    /// <summary>Takes our mounts off their places, those of a public mount point; may say a <see cref="FuseException"/>.</summary>
    public required Action<string> Unmount { get; init; }

    /// <summary>
    /// Starts to take the files of a public mount point's session out of all containers, so that these see the kernel's own and not errors; null: it cannot
    /// be started.
    /// </summary>
    public required Func<string, IChildVerb?> Detach { get; init; }

    /// <summary>How long that may take before readers are let go all the same.</summary>
    public TimeSpan DetachWithin { get; init; } = AttachVerbs.DetachWithin;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
