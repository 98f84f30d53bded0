using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_notify_poll_wakeup_out, with the header that every notification begins with (its Unique is 0).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseNotifyPollWakeupOut
{
    public const int Size = 24;

    public FuseOutHeader Header;

    /// <summary>As <see cref="FusePollIn.Kh"/> said.</summary>
    public ulong Kh;
}
