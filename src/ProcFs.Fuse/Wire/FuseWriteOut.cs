using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>struct fuse_write_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseWriteOut
{
    /// <summary>How many bytes were taken.</summary>
    public uint Size;
    public uint Padding;
}
