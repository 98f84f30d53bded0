using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// statvfs(3)
internal static unsafe partial class Libc
{
    /// <summary>What is left on the file system of a path: bytes and files that an unprivileged user may still use. False when it cannot be asked.</summary>
    public static bool TryGetRoom(string path, out ulong bytes, out ulong files)
    {
        Statvfs room = default;
        int result;
        fixed (byte* text = PathBytes(path))
        {
            result = statvfs(text, &room);
        }

        bytes = result == 0 ? room.Available * room.FragmentSize : 0;
        // File systems that count no files, as btrfs, say 0 of 0.
        files = result != 0 ? 0 : room.Files == 0 ? ulong.MaxValue : room.FilesAvailable;
        return result == 0;
    }

    /// <summary>struct statvfs of 64-bit Linux; all members are words.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Statvfs
    {
        public ulong BlockSize;
        public ulong FragmentSize;
        public ulong Blocks;
        public ulong Free;
        public ulong Available;
        public ulong Files;
        public ulong FilesFree;
        public ulong FilesAvailable;
    }

    [LibraryImport(Library)]
    private static partial int statvfs(byte* path, Statvfs* buf);
}
