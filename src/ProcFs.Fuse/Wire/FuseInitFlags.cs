namespace ProcFs.Fuse.Wire;

/// <summary>
/// FUSE_* flags of INIT: flags in the lower half, flags2 in the upper. Offered by the kernel, accepted by the server; the ones
/// that are named but not in <see cref="Accepted"/> are named so that a reader of a trace finds why they are refused.
/// </summary>
[Flags]
internal enum FuseInitFlags : ulong
{
    None = 0,

    /// <summary>Several reads of one file at a time; only matters for files in the page cache.</summary>
    FUSE_ASYNC_READ = 1UL << 0,

    /// <summary>The kernel drops a node's pages when its modification time changes (<see cref="NodeAttributes.Version"/>).</summary>
    FUSE_AUTO_INVAL_DATA = 1UL << 12,

    /// <summary>Refused: plain READDIR is enough for a small tree.</summary>
    FUSE_DO_READDIRPLUS = 1UL << 13,

    /// <inheritdoc cref="FUSE_DO_READDIRPLUS"/>
    FUSE_READDIRPLUS_AUTO = 1UL << 14,

    /// <summary>Offer only: ENOSYS to OPEN would be allowed. It would hold for the whole connection.</summary>
    FUSE_NO_OPEN_SUPPORT = 1UL << 17,

    /// <summary>Look-ups and listings of one directory may run at the same time.</summary>
    FUSE_PARALLEL_DIROPS = 1UL << 18,

    /// <summary>read(2) of the device tells an abort (ECONNABORTED) from an unmount (ENODEV). Linux 4.18.</summary>
    FUSE_ABORT_ERROR = 1UL << 21,

    /// <summary>Refused: 32 pages a READ are plenty.</summary>
    FUSE_MAX_PAGES = 1UL << 22,

    /// <summary>Offer only: ENOSYS to OPENDIR would make the kernel keep listings for good.</summary>
    FUSE_NO_OPENDIR_SUPPORT = 1UL << 24,

    /// <summary>flags2 counts. Linux 5.17.</summary>
    FUSE_INIT_EXT = 1UL << 30,

    /// <summary>The kernel can send unanswered requests again (FUSE_NOTIFY_RESEND). Linux 6.9.</summary>
    FUSE_HAS_RESEND = 1UL << 39,

    /// <summary>Refused: wants id-mapped mounts thought through first.</summary>
    FUSE_ALLOW_IDMAP = 1UL << 40,

    /// <summary>Refused: its requests die with the server's rings.</summary>
    FUSE_OVER_IO_URING = 1UL << 41,

    /// <summary>Refused: when it fires the whole connection is aborted.</summary>
    FUSE_REQUEST_TIMEOUT = 1UL << 42,

    /// <summary>What we take when it is offered.</summary>
    Accepted = FUSE_ASYNC_READ | FUSE_AUTO_INVAL_DATA | FUSE_PARALLEL_DIROPS | FUSE_ABORT_ERROR | FUSE_INIT_EXT | FUSE_HAS_RESEND,
}
