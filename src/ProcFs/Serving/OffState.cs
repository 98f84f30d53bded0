using ProcFs.Containers;

namespace ProcFs.Serving;

/// <summary>
/// The files that are switched off for all containers of one mount, in a file of the run directory: it outlives daemons, and ends with the boot. One name in
/// a line, "proc/meminfo" or "*".
/// </summary>
internal static class OffState
{
    private const int MostBytes = 64 * 1024;

    public static string PathOf(string runDirectory, string mount) => Path.Combine(runDirectory, MountName.Of(mount) + ".off");

    /// <summary>What is off; none when nobody has said anything.</summary>
    /// <param name="path">From <see cref="PathOf"/>.</param>
    /// <param name="defect">Why it cannot be read, in one sentence; null: it can.</param>
    public static OffFiles Read(string path, out string? defect)
    {
        defect = null;
        try
        {
            FileInfo file = new(path);
            if (!file.Exists)
            {
                return OffFiles.None;
            }

            if (file.Length > MostBytes || file.LinkTarget is not null)
            {
                defect = $"{path} is not what procfs off writes: remove it, and say procfs off again";
                return OffFiles.None;
            }

            return OffFiles.Of([.. File.ReadAllLines(path).Where(line => line.Length > 0)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            defect = $"cannot read {path}: {exception.Message}";
            return OffFiles.None;
        }
    }

    /// <exception cref="Failure">It cannot be written.</exception>
    public static void Write(string path, OffFiles off)
    {
        try
        {
            if (off.IsNone)
            {
                if (File.Exists(path))
                {
                    File.Delete(path);
                }

                return;
            }

            const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, owner); // no daemon may have run yet
            ReplacedFile.Write(path, string.Concat(off.Names.Select(name => name + "\n")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot write {path}: {exception.Message}");
        }
    }
}
