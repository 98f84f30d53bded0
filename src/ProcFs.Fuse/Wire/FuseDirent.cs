using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_dirent without its name, which follows without NUL and is padded with zeros to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseDirent
{
    public const int Size = 24;

    public ulong Ino;

    /// <summary>The cookie of the next record, not of this one.</summary>
    public ulong Off;
    public uint NameLength;

    /// <summary>DT_* of readdir(3).</summary>
    public uint Type;

    public static uint TypeOf(NodeKind kind) => kind switch
    {
        NodeKind.Directory => 4,
        NodeKind.SymbolicLink => 10,
        _ => 8,
    };
}
