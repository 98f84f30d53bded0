using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_poll_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FusePollOut
{
    /// <summary>EPOLL*.</summary>
    public uint Revents;
    public uint Padding;
}
