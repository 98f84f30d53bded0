namespace ProcFs.Fuse;

/// <summary>Who asks for what: the header of one request (struct fuse_in_header) and the worker that handles it.</summary>
/// <param name="unique">The request's id as the kernel sent it.</param>
/// <param name="nodeId">The node the request is about.</param>
/// <param name="threadId">The caller's thread id, 0 when not visible.</param>
/// <param name="uid">The caller's user id.</param>
/// <param name="gid">The caller's group id.</param>
/// <param name="workerIndex">The worker that handles the request.</param>
/// <param name="isForPageCache">A READ that fills the page cache.</param>
public readonly struct RequestContext(ulong unique, ulong nodeId, uint threadId, uint uid, uint gid, int workerIndex, bool isForPageCache = false)
{
    private const ulong ResentBit = 1UL << 63;

    /// <summary>The request's id as the kernel sent it: bit 63 is set when the kernel sends the request a second time (FUSE_UNIQUE_RESEND, 7.40).</summary>
    public ulong Unique { get; } = unique;

    /// <summary><see cref="Unique"/> without the resent bit: the same number both times, never reused on a connection.</summary>
    public ulong UniqueId => IdOf(Unique);

    /// <summary>Whether an earlier server may have seen this request already.</summary>
    public bool IsResent => (Unique & ResentBit) != 0;

    /// <summary>The node the request is about; for a look-up the directory. The root is <see cref="NodeAttributes.RootNodeId"/>.</summary>
    public ulong NodeId { get; } = nodeId;

    /// <summary>
    /// The caller's thread id (not its process id) in the pid namespace of the process that mounted. 0: the caller is not
    /// visible there, or the request has none (RELEASE).
    /// </summary>
    public uint ThreadId { get; } = threadId;

    /// <summary>The caller's user id in the mount's user namespace.</summary>
    public uint Uid { get; } = uid;

    /// <summary>The caller's group id in the mount's user namespace.</summary>
    public uint Gid { get; } = gid;

    /// <summary>0-based; a worker handles one request at a time, so it may index scratch memory by it.</summary>
    public int WorkerIndex { get; } = workerIndex;

    /// <summary>
    /// A READ whose bytes go into the page cache, which all readers of the node share, and not to the caller alone. The kernel
    /// names the caller's lock owner (FUSE_READ_LOCKOWNER) in direct reads only. For a file opened with
    /// <see cref="OpenReplyFlags.DirectIo"/> these come from sendfile(2) and splice(2) (since Linux 6.5) and from private mappings.
    /// </summary>
    public bool IsForPageCache { get; } = isForPageCache;

    internal static ulong IdOf(ulong unique) => unique & ~ResentBit;

    internal RequestContext ForPageCache() => new(Unique, NodeId, ThreadId, Uid, Gid, WorkerIndex, isForPageCache: true);
}
