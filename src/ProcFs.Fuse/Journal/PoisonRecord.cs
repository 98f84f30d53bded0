using System.Runtime.InteropServices;

namespace ProcFs.Fuse;

/// <summary>How often the request that was found in a slot has been recovered.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PoisonRecord
{
    public const int Size = 16;

    /// <summary>Without the resent bit.</summary>
    public ulong Unique;
    public ulong Tries;
}
