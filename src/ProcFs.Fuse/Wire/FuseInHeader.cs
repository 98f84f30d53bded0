using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_in_header: starts every request.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseInHeader
{
    public const int Size = 40;
    public const int UniqueOffset = 8;

    /// <summary>Of the whole request; equals what read(2) returned.</summary>
    public uint Len;
    public FuseOpcode Opcode;
    public ulong Unique;
    public ulong NodeId;
    public uint Uid;
    public uint Gid;

    /// <summary>The caller's thread id; 0 when it is not visible in the mounter's pid namespace.</summary>
    public uint Pid;

    /// <summary>Extensions at the end of the body, in 8-byte units. Since 7.38; padding (zero) before.</summary>
    public ushort TotalExtLen;
    public ushort Padding;
}
