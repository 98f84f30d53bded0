using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_interrupt_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseInterruptIn
{
    /// <summary>The request to interrupt.</summary>
    public ulong Unique;
}
