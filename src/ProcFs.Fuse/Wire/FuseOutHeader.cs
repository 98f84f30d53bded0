using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_out_header: starts every reply.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseOutHeader
{
    public const int Size = 16;

    /// <summary>Of the whole reply; must equal what is written.</summary>
    public uint Len;

    /// <summary>0, or -errno between -511 and -1. Signed, unlike everything around it.</summary>
    public int Error;
    public ulong Unique;
}
