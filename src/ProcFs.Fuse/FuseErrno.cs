namespace ProcFs.Fuse;

/// <summary>
/// The errors a filesystem can answer a request with. Names and numbers are Linux's (errno(3), asm-generic/errno.h).
/// </summary>
public enum FuseErrno
{
    /// <summary>No error: the request succeeded.</summary>
    None = 0,

    /// <summary>Operation not permitted.</summary>
    EPERM = 1,

    /// <summary>No such file or directory.</summary>
    ENOENT = 2,

    /// <summary>Interrupted call.</summary>
    EINTR = 4,

    /// <summary>Input/output error; also what a fault of the server itself is answered with.</summary>
    EIO = 5,

    /// <summary>No such device or address.</summary>
    ENXIO = 6,

    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,

    /// <summary>Resource temporarily unavailable.</summary>
    EAGAIN = 11,

    /// <summary>Out of memory.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>Device or resource busy.</summary>
    EBUSY = 16,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>Not a directory.</summary>
    ENOTDIR = 20,

    /// <summary>Is a directory.</summary>
    EISDIR = 21,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>Too many open files in the server.</summary>
    ENFILE = 23,

    /// <summary>Not a terminal: the answer to every ioctl.</summary>
    ENOTTY = 25,

    /// <summary>No space left: here, no more of something.</summary>
    ENOSPC = 28,

    /// <summary>Illegal seek.</summary>
    ESPIPE = 29,

    /// <summary>Read-only filesystem.</summary>
    EROFS = 30,

    /// <summary>File name too long.</summary>
    ENAMETOOLONG = 36,

    /// <summary>Not implemented. The kernel remembers it for many opcodes and never asks again on this connection.</summary>
    ENOSYS = 38,

    /// <summary>No data available.</summary>
    ENODATA = 61,

    /// <summary>Protocol error.</summary>
    EPROTO = 71,

    /// <summary>Value too large.</summary>
    EOVERFLOW = 75,

    /// <summary>Operation not supported.</summary>
    EOPNOTSUPP = 95,

    /// <summary>The connection has ended: what everything on a dead mount answers.</summary>
    ENOTCONN = 107,
}
