using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_open_in, for OPEN and OPENDIR.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseOpenIn
{
    /// <summary>O_* of open(2) without O_CREAT, O_EXCL, O_NOCTTY.</summary>
    public uint Flags;
    public uint OpenFlags;
}
