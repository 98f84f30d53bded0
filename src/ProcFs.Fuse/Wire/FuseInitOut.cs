using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_init_out, 64 bytes since 7.23; the kernel ignores the fields its version does not know.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseInitOut
{
    public uint Major;
    public uint Minor;
    public uint MaxReadahead;
    public uint Flags;

    /// <summary>Background requests (RELEASE, readahead) in flight before the kernel holds more back.</summary>
    public ushort MaxBackground;
    public ushort CongestionThreshold;
    public uint MaxWrite;

    /// <summary>Granularity of times, in nanoseconds.</summary>
    public uint TimeGran;
    public ushort MaxPages;
    public ushort MapAlignment;
    public uint Flags2;
    public uint MaxStackDepth;
    public ushort RequestTimeout;
    public UnusedHalfWords Unused;

    [InlineArray(11)]
    public struct UnusedHalfWords
    {
        private ushort _first;
    }
}
