using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_write_in; the bytes follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseWriteIn
{
    public ulong Fh;

    /// <summary>Unsigned here, a signed loff_t in the kernel.</summary>
    public ulong Offset;
    public uint Size;

    /// <summary>FUSE_WRITE_*.</summary>
    public uint WriteFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}
