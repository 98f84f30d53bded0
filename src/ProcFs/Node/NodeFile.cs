using System.Text;
using ProcFs.Interop;

namespace ProcFs.Node;

/// <summary>Files of ours on a node: replaced as a whole, and only when they say something else.</summary>
internal static class NodeFile
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

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

    /// <summary>Writes it; false: it said that already.</summary>
    /// <exception cref="Failure">It cannot be written.</exception>
    public static bool Write(string path, string text)
    {
        if (Read(path) == text)
        {
            return false;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Whoever reads the directory meanwhile takes no half of a file, nor one by this name.
            string next = $"{Path.GetDirectoryName(path)}/.{Path.GetFileName(path)}.procfs-new";
            File.WriteAllText(next, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.SetUnixFileMode(next, File.Exists(path) ? File.GetUnixFileMode(path) : Readable);
            File.Move(next, path, overwrite: true);
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
            File.Delete(path);
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
        string next = path + ".new";
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
