using System.Globalization;

namespace ProcFs.Metrics;

/// <summary>A file that others read at any moment: they see all of the last text, or all of this one.</summary>
internal static class WholeFile
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <exception cref="Failure">It cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> text)
    {
        // In the same directory, and not with the ending that a collector looks for.
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.new");
        try
        {
            File.Delete(temporary);
            using (FileStream stream = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }))
            {
                // Whatever the umask: the collector is another user.
                File.SetUnixFileMode(stream.SafeFileHandle, ReadableByAll);
                stream.Write(text);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new Failure(ExitCode.Failed, $"cannot write {path}: {exception.Message}; choose another file with --out");
        }
    }

    /// <summary>Takes it away, as far as possible.</summary>
    public static void Remove(string path) => TryDelete(path);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What prevented the text prevents this, too; or the disk is read-only by now.
        }
    }
}
