using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>
/// What INIT settled for the life of a connection. The kernel sends INIT once: a successor on the same connection gets the
/// values from where <see cref="Persist"/> put them.
/// </summary>
public sealed class SessionParameters
{
    private volatile bool _isNegotiated;
    private volatile bool _isDestroyed;

    /// <summary>A session that waits for INIT.</summary>
    public SessionParameters()
    {
    }

    /// <summary>A session that an earlier server negotiated.</summary>
    public SessionParameters(uint minor, ulong flags)
    {
        Minor = minor;
        Flags = flags;
        _isNegotiated = true;
    }

    /// <summary>The protocol's minor version in use (major is 7); 0 before INIT.</summary>
    public uint Minor { get; private set; }

    /// <summary>The FUSE_* init flags in use, flags2 in the upper half; 0 before INIT.</summary>
    public ulong Flags { get; private set; }

    /// <summary>Whether <see cref="Minor"/> and <see cref="Flags"/> are settled.</summary>
    public bool IsNegotiated => _isNegotiated;

    /// <summary>Whether the kernel knows <see cref="Connection.Resend"/>. Linux 6.9.</summary>
    public bool HasResend => ((FuseInitFlags)Flags).HasFlag(FuseInitFlags.FUSE_HAS_RESEND);

    /// <summary>Whether the kernel drops a node's pages when its <see cref="NodeAttributes.Version"/> changes: only then may a text that can change be kept in pages.</summary>
    public bool DropsPagesByVersion => ((FuseInitFlags)Flags).HasFlag(FuseInitFlags.FUSE_AUTO_INVAL_DATA);

    /// <summary>Access, modification and change time of every node. Default: when the session was made, cut to seconds.</summary>
    public DateTimeOffset NodeTime { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>
    /// Called with minor and flags before INIT is answered, so that what the kernel relies on is never known to the kernel
    /// alone. When it throws, INIT is answered EIO and the mount is useless.
    /// </summary>
    public Action<uint, ulong>? Persist { get; init; }

    /// <summary>Whether the kernel has said DESTROY.</summary>
    internal bool IsDestroyed
    {
        get => _isDestroyed;
        set => _isDestroyed = value;
    }

    internal void Settle(uint minor, ulong flags)
    {
        Persist?.Invoke(minor, flags);
        Minor = minor;
        Flags = flags;
        _isNegotiated = true;
    }
}
