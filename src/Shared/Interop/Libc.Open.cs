using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// open(2), openat(2)
internal static unsafe partial class Libc
{
    public const int AT_FDCWD = -100;

    public const int O_RDONLY = 0x0;
    public const int O_WRONLY = 0x1;
    public const int O_RDWR = 0x2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_TRUNC = 0x200;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;

    /// <summary>Not the same bit everywhere: arm64 and ppc64le swap it with O_DIRECT's neighbours.</summary>
    public static readonly int O_DIRECTORY = IsArmOrPower ? 0x4000 : 0x10000;

    /// <inheritdoc cref="O_DIRECTORY"/>
    public static readonly int O_NOFOLLOW = IsArmOrPower ? 0x8000 : 0x20000;

    private static bool IsArmOrPower => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le;

    /// <summary>Opens a path that ends in NUL, relative to a directory descriptor or <see cref="AT_FDCWD"/>. O_CLOEXEC is always set.</summary>
    public static int OpenAt(int directory, ReadOnlySpan<byte> path, int flags, uint mode = 0)
    {
        nint result;
        fixed (byte* text = path)
        {
            do
            {
                result = Result(openat(directory, text, flags | O_CLOEXEC, mode));
            }
            while (Interrupted(result));
        }

        return (int)result;
    }

    /// <inheritdoc cref="OpenAt(int, ReadOnlySpan{byte}, int, uint)"/>
    public static int OpenAt(int directory, string path, int flags, uint mode = 0) => OpenAt(directory, PathBytes(path), flags, mode);

    /// <summary>A path as libc wants it: UTF-8, NUL at the end.</summary>
    public static byte[] PathBytes(string path)
    {
        byte[] bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(path) + 1];
        System.Text.Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    [LibraryImport(Library)]
    private static partial int openat(int dirfd, byte* pathname, int flags, uint mode);
}
