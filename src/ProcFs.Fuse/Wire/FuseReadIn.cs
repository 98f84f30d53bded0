using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_read_in, for READ and READDIR.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseReadIn
{
    /// <summary>FUSE_READ_LOCKOWNER: <see cref="LockOwner"/> is set. In every direct read, in none that fills the page cache.</summary>
    public const uint ReadLockOwner = 1 << 1;

    public ulong Fh;

    /// <summary>For READDIR the cookie of the last record taken. Unsigned here, a signed loff_t in the kernel.</summary>
    public ulong Offset;
    public uint Size;

    /// <summary>FUSE_READ_*.</summary>
    public uint ReadFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}
