using System.Text;
using ProcFs.Interop;

namespace ProcFs.Node;

/// <summary>
/// Files on a node that we write: replaced as a whole, only when they say something else, and so that a loss of power leaves the one or the other. A symbolic link
/// stays, and the file that it leads to is the one that is meant.
/// </summary>
internal static class NodeFile
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int ModeBits = 0xfff; // with setuid, setgid and the sticky bit

    /// <summary>Behind the name of a link while it is made.</summary>
    public const string NewLink = ".new";

    /// <summary>The text; null: there is no such file.</summary>
    /// <exception cref="Failure">It cannot be read.</exception>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot read {path}: {exception.Message}");
        }
    }

    /// <summary>All directories in one; none when it is not there.</summary>
    public static string[] DirectoriesIn(string path) => List(path, Directory.GetDirectories);

    /// <summary>All files in a directory; none when it is not there.</summary>
    public static string[] FilesIn(string path) => List(path, Directory.GetFiles);

    /// <summary>All that is in a directory; nothing when it is not there.</summary>
    public static string[] EntriesIn(string path) => List(path, Directory.GetFileSystemEntries);

    /// <summary>Whether a file is there, no link, and says nothing: on some file systems what a loss of power leaves of a new one.</summary>
    public static bool IsEmpty(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null, Length: 0 };

    /// <summary>Writes it, with the mode and the owner that it has; false: it said that already.</summary>
    /// <exception cref="Failure">It cannot be written, or leads to something that is no file.</exception>
    public static bool Write(string path, string text)
    {
        if (Read(path) == text)
        {
            return false;
        }

        try
        {
            string place = PlaceOf(path);
            bool isThere = IsRegular(place, out Libc.StatxBuffer status);
            if (!isThere && Path.Exists(place))
            {
                throw new IOException($"{place} is no regular file");
            }

            string directory = Path.GetDirectoryName(place)!;
            Directory.CreateDirectory(directory);
            // Whoever reads the directory meanwhile takes no half of a file, nor one by this name.
            string next = $"{directory}/{DraftOf(Path.GetFileName(place))}";
            File.Delete(next); // of somebody who was interrupted
            WriteNew(next, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text), Readable, isThere ? status : null);
            File.Move(next, place, overwrite: true);
            Synchronize(directory);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot write {path}: {exception.Message}");
        }
    }

    /// <summary>Removes a file that is there and whose text is ours; false: there was none.</summary>
    /// <exception cref="Failure">It cannot be removed.</exception>
    public static bool Remove(string path, Func<string, bool> isOurs)
    {
        if (Read(path) is not { } text || !isOurs(text))
        {
            return false;
        }

        try
        {
            string place = PlaceOf(path);
            if (!IsRegular(place, out _))
            {
                return false; // a link to /dev/null, by which units are masked
            }

            File.Delete(place);
            Synchronize(Path.GetDirectoryName(place)!);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot remove {path}: {exception.Message}");
        }
    }

    /// <summary>Has a symbolic link lead elsewhere, in one step.</summary>
    /// <exception cref="Failure">It cannot be made.</exception>
    public static void Link(string path, string target)
    {
        string next = path + NewLink;
        try
        {
            File.Delete(next);
            File.CreateSymbolicLink(next, target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot make the link {next}: {exception.Message}");
        }

        int renamed = Libc.RenameAt(Libc.AT_FDCWD, Libc.PathBytes(next), Libc.PathBytes(path));
        if (renamed < 0)
        {
            throw new Failure(ExitCode.Failed, $"cannot put {next} in the place of {path}: {Libc.Describe(Libc.ErrorOf(renamed))}");
        }

        Synchronize(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file or a link, whatever it says; nothing when there is none.</summary>
    /// <exception cref="Failure">It cannot be removed.</exception>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // As it should be.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot remove {path}: {exception.Message}");
        }
    }

    /// <summary>Removes a directory with all that is in it; nothing when there is none.</summary>
    /// <exception cref="Failure">It cannot be removed.</exception>
    public static void RemoveTree(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // As it should be.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot remove {path}: {exception.Message}");
        }
    }

    /// <summary>Removes a directory if it is there and empty.</summary>
    public static void RemoveEmpty(string path)
    {
        try
        {
            Directory.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not there, or somebody else's things are in it.
        }
    }

    /// <summary>The name that a file has while it is written.</summary>
    public static string DraftOf(string name) => $".{name}.procfs-new";

    private static string PlaceOf(string path) => new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private static bool IsRegular(string path, out Libc.StatxBuffer status)
        => Libc.Statx(Libc.AT_FDCWD, Libc.PathBytes(path), Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out status) >= 0 && (status.Mode & Libc.S_IFMT) == Libc.S_IFREG;

    /// <summary>Makes a file with these bytes, safe before this returns. It may have a password in it: nobody else can open it before it has its owner and mode.</summary>
    /// <param name="path">No file is there.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="mode">Where no other file's counts.</param>
    /// <param name="like">Whose owner and mode it gets; null: it is ours, with <paramref name="mode"/>.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void WriteNew(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode, Libc.StatxBuffer? like = null)
    {
        using (FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
            file.Write(bytes);
            if (like is { } status && Libc.Statx(descriptor, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer own) >= 0 && (own.Uid, own.Gid) != (status.Uid, status.Gid))
            {
                Demand(Libc.ChangeOwner(descriptor, status.Uid, status.Gid), "give it its owner");
            }

            File.SetUnixFileMode(file.SafeFileHandle, like is null ? mode : (UnixFileMode)(like.Value.Mode & ModeBits));
        }

        // Not while it is open for writing, which takes long: what another thread forks meanwhile would have it open, too, and nobody could run it.
        using FileDescriptor written = FileDescriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW, out Errno error) ?? throw new IOException($"cannot open {path}: {Libc.Describe(error)}");
        Demand(Libc.Synchronize(written.Number), "have it outlive a loss of power");
    }

    /// <summary>A name in a directory is safe when the directory is.</summary>
    public static void Synchronize(string directory)
    {
        using FileDescriptor? opened = FileDescriptor.Open(directory, Libc.O_RDONLY | Libc.O_DIRECTORY, out _);
        if (opened is not null)
        {
            _ = Libc.Synchronize(opened.Number); // some file systems know no such thing, and what is there is right as it is
        }
    }

    private static void Demand(int result, string what)
    {
        if (result < 0)
        {
            throw new IOException($"cannot {what}: {Libc.Describe(Libc.ErrorOf(result))}");
        }
    }

    private static string[] List(string path, Func<string, string[]> list)
    {
        try
        {
            return list(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
