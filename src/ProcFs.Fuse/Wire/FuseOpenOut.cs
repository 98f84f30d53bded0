using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_open_out: the answer to OPEN and OPENDIR.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseOpenOut
{
    public ulong Fh;
    public OpenReplyFlags OpenFlags;

    /// <summary>Since 7.40; padding before.</summary>
    public int BackingId;
}
