using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// mount(2), umount2(2)
internal static unsafe partial class Libc
{
    public const ulong MS_RDONLY = 1;
    public const ulong MS_NOSUID = 2;
    public const ulong MS_NODEV = 4;
    public const ulong MS_NOEXEC = 8;
    public const ulong MS_REMOUNT = 32;
    public const ulong MS_BIND = 4096;
    public const ulong MS_REC = 16384;
    public const ulong MS_PRIVATE = 1 << 18;
    public const ulong MS_SLAVE = 1 << 19;

    public const int MNT_DETACH = 2;
    public const int UMOUNT_NOFOLLOW = 8;

    public static int Mount(string? source, string target, string? type, ulong flags, string? options)
    {
        fixed (byte* sourceText = source is null ? null : PathBytes(source))
        fixed (byte* targetText = PathBytes(target))
        fixed (byte* typeText = type is null ? null : PathBytes(type))
        fixed (byte* optionText = options is null ? null : PathBytes(options))
        {
            return (int)Result(mount(sourceText, targetText, typeText, (nuint)flags, optionText));
        }
    }

    public static int Unmount(string target, int flags)
    {
        fixed (byte* text = PathBytes(target))
        {
            return (int)Result(umount2(text, flags));
        }
    }

    /// <summary>The same for a path with NUL at the end. Allocates nothing.</summary>
    public static nint Unmount(byte* target, int flags) => Result(umount2(target, flags));

    [LibraryImport(Library)]
    private static partial int mount(byte* source, byte* target, byte* filesystemtype, nuint mountflags, void* data);

    [LibraryImport(Library)]
    private static partial int umount2(byte* target, int flags);
}
