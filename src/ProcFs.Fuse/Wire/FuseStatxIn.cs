using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_statx_in, since 7.39.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseStatxIn
{
    public uint Flags;
    public uint Padding;
    public ulong Fh;
    public uint SxFlags;
    public uint SxMask;
}
