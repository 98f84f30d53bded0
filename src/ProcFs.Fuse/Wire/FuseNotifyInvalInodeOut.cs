using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_notify_inval_inode_out, with the header that every notification begins with (its Unique is 0).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseNotifyInvalInodeOut
{
    public const int Size = 40;

    public FuseOutHeader Header;
    public ulong Ino;

    /// <summary>Of the pages to drop; negative: none, only the attributes count.</summary>
    public long Offset;
    public long Length;
}
