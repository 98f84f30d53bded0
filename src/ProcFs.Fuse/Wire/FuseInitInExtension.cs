using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProcFs.Fuse.Wire;

/// <summary>The rest of struct fuse_init_in since 7.36, which makes it 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseInitInExtension
{
    public uint Flags2;
    public UnusedWords Unused;

    [InlineArray(11)]
    public struct UnusedWords
    {
        private uint _first;
    }
}
