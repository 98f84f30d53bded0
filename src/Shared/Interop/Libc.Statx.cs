using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// statx(2): unlike struct stat, one layout on every architecture
internal static unsafe partial class Libc
{
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_NO_AUTOMOUNT = 0x800;
    public const int AT_EMPTY_PATH = 0x1000;

    /// <summary>Answer from cached attributes: on a FUSE mount no request is sent for them if the kernel has any.</summary>
    public const int AT_STATX_DONT_SYNC = 0x4000;

    /// <summary>Ask the server, whatever is cached.</summary>
    public const int AT_STATX_FORCE_SYNC = 0x2000;

    public const uint STATX_TYPE = 0x1;
    public const uint STATX_MODE = 0x2;
    public const uint STATX_NLINK = 0x4;
    public const uint STATX_INO = 0x100;
    public const uint STATX_BASIC_STATS = 0x7ff;

    /// <summary>Since Linux 5.8; given by the kernel itself, no filesystem is asked for it.</summary>
    public const uint STATX_MNT_ID = 0x1000;

    /// <summary>File type bits of a mode (inode(7)).</summary>
    public const ushort S_IFMT = 0xf000;
    public const ushort S_IFDIR = 0x4000;
    public const ushort S_IFREG = 0x8000;
    public const ushort S_IFSOCK = 0xC000;
    public const ushort S_IFCHR = 0x2000;

    /// <summary>struct statx; the members that nobody here asks for are one block at the end.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct StatxBuffer
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint LinkCount;
        public uint Uid;
        public uint Gid;
        public ushort Mode;
        public ushort Padding;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public fixed long Times[8];
        public uint DeviceNodeMajor;
        public uint DeviceNodeMinor;
        public uint DeviceMajor;
        public uint DeviceMinor;
        public ulong MountId;
    }

    /// <summary>Status of a path (NUL at the end; empty with AT_EMPTY_PATH: the descriptor itself).</summary>
    public static int Statx(int directory, ReadOnlySpan<byte> path, int flags, uint mask, out StatxBuffer buffer)
    {
        fixed (byte* text = path)
        fixed (StatxBuffer* result = &buffer)
        {
            return (int)Result(statx(directory, text, flags, mask, result));
        }
    }

    [LibraryImport(Library)]
    private static partial int statx(int dirfd, byte* pathname, int flags, uint mask, StatxBuffer* statxbuf);
}
