using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_poll_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FusePollOut
{
    /// <summary>The kernel's DEFAULT_POLLMASK: EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM.</summary>
    public const uint DefaultMask = 0x001 | 0x004 | 0x040 | 0x100;

    public uint Revents;
    public uint Padding;
}
