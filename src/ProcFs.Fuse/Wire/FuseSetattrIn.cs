using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_setattr_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseSetattrIn
{
    /// <summary>FATTR_SIZE: the size is to be set, as open(2) with O_TRUNC and truncate(2) do.</summary>
    public const uint SetsSize = 1 << 3;

    /// <summary>FATTR_MODE, FATTR_UID, FATTR_GID.</summary>
    public const uint SetsOwnerOrMode = 0x7;

    /// <summary>FATTR_*: what of it is to be set.</summary>
    public uint Valid;
    public uint Padding;
    public ulong Fh;
    public ulong Size;
    public ulong LockOwner;
    public ulong Atime;
    public ulong Mtime;
    public ulong Ctime;
    public uint AtimeNsec;
    public uint MtimeNsec;
    public uint CtimeNsec;
    public uint Mode;
    public uint Unused4;
    public uint Uid;
    public uint Gid;
    public uint Unused5;
}
