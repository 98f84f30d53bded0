using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_statfs_out (struct fuse_kstatfs).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseStatfsOut
{
    public ulong Blocks;
    public ulong Bfree;
    public ulong Bavail;
    public ulong Files;
    public ulong Ffree;
    public uint Bsize;
    public uint NameLen;
    public uint Frsize;
    public uint Padding;
    public SpareWords Spare;

    [InlineArray(6)]
    public struct SpareWords
    {
        private uint _first;
    }
}
