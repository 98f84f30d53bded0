using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_entry_out: the answer to LOOKUP.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseEntryOut
{
    /// <summary>0 would mean "does not exist", cached for EntryValid.</summary>
    public ulong NodeId;
    public ulong Generation;

    /// <summary>Seconds for which the kernel trusts the name.</summary>
    public ulong EntryValid;

    /// <summary>Seconds for which the kernel trusts the attributes.</summary>
    public ulong AttrValid;
    public uint EntryValidNsec;
    public uint AttrValidNsec;
    public FuseAttr Attr;
}
