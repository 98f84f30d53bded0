using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_getattr_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseGetattrIn
{
    /// <summary>Bit 0: Fh is valid.</summary>
    public uint Flags;
    public uint Padding;
    public ulong Fh;
}
