using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_attr_out: the answer to GETATTR.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseAttrOut
{
    /// <summary>Seconds for which the kernel trusts the attributes.</summary>
    public ulong AttrValid;
    public uint AttrValidNsec;
    public uint Padding;
    public FuseAttr Attr;
}
