using System.Globalization;
using ProcFs.Hook.Reading;
using ProcFs.Interop;

namespace ProcFs.Hook.Wrapping;

/// <summary>The config.json of a bundle, read and replaced. A link in its place is not followed.</summary>
internal static class BundleFile
{
    private const string Name = "config.json";
    private const int MostBytes = 16 << 20;
    private const uint PrivateMode = 0x180; // 0600, until it has the mode of the one before
    private const uint ModeBits = 0xfff; // 07777

    /// <summary>Its text; null and why not.</summary>
    public static byte[]? Read(string bundle, out string defect)
    {
        using FileDescriptor? directory = Open(bundle, out defect);
        byte[]? text = directory is null ? null : BoundedRead.File(directory.Number, Name, MostBytes, out defect, out _);
        defect = text is null ? $"cannot read {bundle}/{Name}: {defect}" : "";
        return text;
    }

    /// <summary>Puts another text in its place, as a whole, with its owner and mode; null when that is done, else why not.</summary>
    public static string? Replace(string bundle, ReadOnlySpan<byte> text)
    {
        using FileDescriptor? directory = Open(bundle, out string defect);
        if (directory is null)
        {
            return $"cannot write {bundle}/{Name}: {defect}";
        }

        byte[] name = Libc.PathBytes(Name);
        byte[] temporary = Libc.PathBytes(string.Create(CultureInfo.InvariantCulture, $".{Name}.procfs-{Environment.ProcessId}"));
        Errno error = Libc.ErrorOf(Libc.Statx(directory.Number, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer old));
        _ = Libc.UnlinkAt(directory.Number, temporary); // left by one that ended half-way and had this pid
        error = error != Errno.None ? error : WriteNew(directory, temporary, old, text);
        error = error != Errno.None ? error : Libc.ErrorOf(Libc.RenameAt(directory.Number, temporary, name));
        if (error == Errno.None)
        {
            return null;
        }

        _ = Libc.UnlinkAt(directory.Number, temporary);
        return $"cannot write {bundle}/{Name}: {Libc.Describe(error)}";
    }

    private static FileDescriptor? Open(string bundle, out string defect)
    {
        FileDescriptor? directory = FileDescriptor.Open(bundle, Libc.O_PATH | Libc.O_DIRECTORY, out Errno error);
        defect = directory is null ? Libc.Describe(error) : "";
        return directory;
    }

    private static Errno WriteNew(FileDescriptor directory, byte[] name, in Libc.StatxBuffer old, ReadOnlySpan<byte> text)
    {
        using FileDescriptor? file = FileDescriptor.OpenAt(directory.Number, name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, out Errno error, PrivateMode);
        if (file is null)
        {
            return error;
        }

        while (!text.IsEmpty)
        {
            nint written = Libc.Write(file.Number, text);
            if (written < 0)
            {
                return Libc.ErrorOf(written);
            }

            text = text[(int)written..];
        }

        // The mode last: a change of the owner can take bits of it away.
        error = Libc.ErrorOf(Libc.ChangeOwner(file.Number, old.Uid, old.Gid));
        return error != Errno.None ? error : Libc.ErrorOf(Libc.ChangeMode(file.Number, old.Mode & ModeBits));
    }
}
