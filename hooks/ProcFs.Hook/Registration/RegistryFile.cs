using System.Globalization;
using ProcFs.Hook.Reading;
using ProcFs.Interop;

namespace ProcFs.Hook.Registration;

/// <summary>
/// The files of the spool: one for each registered container. They are replaced as a whole, so a reader sees the old one or the new one;
/// no link is followed.
/// </summary>
public static class RegistryFile
{
    /// <summary>The longest file, in bytes.</summary>
    public const int MostBytes = 64 * 1024;

    private const string Suffix = ".json";
    private const uint DirectoryMode = 0x1c0; // 0700
    private const uint FileMode = 0x180; // 0600

    /// <summary>Writes an entry, in the place of an older one of the same id; the directories are made.</summary>
    /// <returns>Null when it is there, else one sentence that says why not.</returns>
    public static string? Write(string runDirectory, RegistryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(runDirectory);
        ArgumentNullException.ThrowIfNull(entry);
        byte[] text = RegistryText.Format(entry);
        if (text.Length > MostBytes)
        {
            return $"what is to be registered of {entry.Id[..Math.Min(entry.Id.Length, 64)]} is longer than {MostBytes >> 10} KiB";
        }

        string path = RunDirectory.Registry(runDirectory);
        using FileDescriptor? directory = OpenDirectory(runDirectory, path, out string defect);
        if (directory is null)
        {
            return defect;
        }

        string name = RunDirectory.RegistryName(entry.Id);
        byte[] temporary = Libc.PathBytes(string.Create(CultureInfo.InvariantCulture, $".{name}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}"));
        _ = Libc.UnlinkAt(directory.Number, temporary); // left by one that ended half-way and had this pid
        Errno error = WriteNew(directory, temporary, text);
        if (error == Errno.None)
        {
            error = Libc.ErrorOf(Libc.RenameAt(directory.Number, temporary, Libc.PathBytes(name + Suffix)));
        }

        if (error == Errno.None)
        {
            return null;
        }

        _ = Libc.UnlinkAt(directory.Number, temporary);
        return $"cannot write {path}/{name}{Suffix}: {Libc.Describe(error)}";
    }

    /// <summary>Reads one file of the spool.</summary>
    /// <param name="path">As <see cref="List"/> gives it.</param>
    /// <param name="entry">Null when the result is false.</param>
    /// <param name="defect">One sentence with the path when there is a file that cannot be understood; empty when all is well or there is none.</param>
    public static bool TryRead(string path, out RegistryEntry? entry, out string defect)
    {
        ArgumentNullException.ThrowIfNull(path);
        entry = null;
        byte[]? text = BoundedRead.File(Libc.AT_FDCWD, path, MostBytes, out defect, out Errno error);
        if (text is null)
        {
            defect = error == Errno.ENOENT ? "" : $"cannot read {path}: {defect}";
            return false;
        }

        RegistryEntry? read = RegistryText.Parse(text, out defect);
        if (read is not null && RunDirectory.RegistryName(read.Id) + Suffix != Path.GetFileName(path))
        {
            defect = "it belongs to a container of another name";
            read = null;
        }

        defect = read is null ? $"{path} is no registration: {defect}" : "";
        entry = read;
        return read is not null;
    }

    /// <summary>Removes the entry of an id; nothing happens when there is none.</summary>
    /// <returns>Null when there is none (any more), else one sentence that says why.</returns>
    public static string? Delete(string runDirectory, string id)
    {
        string path = RunDirectory.RegistryFile(runDirectory, id);
        Errno error = Libc.ErrorOf(Libc.UnlinkAt(Libc.AT_FDCWD, Libc.PathBytes(path)));
        return error is Errno.None or Errno.ENOENT ? null : $"cannot remove {path}: {Libc.Describe(error)}";
    }

    /// <summary>The paths of all files of the spool, in order of their names; none when there is no spool.</summary>
    /// <exception cref="IOException">The spool cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The spool may not be read.</exception>
    public static IReadOnlyList<string> List(string runDirectory)
    {
        string directory = RunDirectory.Registry(runDirectory);
        List<string> files = [];
        try
        {
            foreach (string path in Directory.EnumerateFiles(directory))
            {
                // A name with a dot in front is one that is being written.
                if (path.EndsWith(Suffix, StringComparison.Ordinal) && !Path.GetFileName(path.AsSpan()).StartsWith('.'))
                {
                    files.Add(path);
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static FileDescriptor? OpenDirectory(string runDirectory, string registry, out string defect)
    {
        // Mostly both are there.
        FileDescriptor? directory = FileDescriptor.Open(registry, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, out Errno error);
        if (error == Errno.ENOENT)
        {
            _ = Libc.MkdirAt(Libc.AT_FDCWD, Libc.PathBytes(runDirectory), DirectoryMode);
            _ = Libc.MkdirAt(Libc.AT_FDCWD, Libc.PathBytes(registry), DirectoryMode);
            directory = FileDescriptor.Open(registry, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, out error);
        }

        defect = directory is null ? $"cannot open the directory {registry}: {Libc.Describe(error)}" : "";
        return directory;
    }

    private static Errno WriteNew(FileDescriptor directory, byte[] name, ReadOnlySpan<byte> text)
    {
        using FileDescriptor? file = FileDescriptor.OpenAt(directory.Number, name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, out Errno error, FileMode);
        while (file is not null && !text.IsEmpty)
        {
            nint written = Libc.Write(file.Number, text);
            if (written < 0)
            {
                return Libc.ErrorOf(written);
            }

            text = text[(int)written..];
        }

        return error;
    }
}
