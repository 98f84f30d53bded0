using ProcFs.Fuse;

namespace ProcFs.Serving;

/// <summary>
/// A copy of the configuration file as it was when it was last understood, in the run directory: a daemon that takes over a mount whose readers wait must not fail
/// because of a file that somebody is just writing. A first start still does.
/// </summary>
internal static class LastConfig
{
    public static string PathOf(string runDirectory, string mount) => Path.Combine(runDirectory, MountName.Of(mount) + ".config");

    /// <summary>Whether there is a copy, and a mount to take over.</summary>
    public static bool IsUsable(string runDirectory, string mount, string procRoot)
        => File.Exists(PathOf(runDirectory, mount))
            && MountPoint.Inspect(ServedMounts.PrivatePath(runDirectory, mount), procRoot: procRoot).Kind == MountPointKind.OwnMount;

    /// <summary>Copies the file; where there is none, the copy is an empty configuration. Without a copy nothing else fails.</summary>
    /// <returns>Why there is none, in one sentence; null: there is.</returns>
    public static string? Keep(string configFile, string runDirectory, string mount)
    {
        string path = PathOf(runDirectory, mount);
        try
        {
            ReplacedFile.Write(path, File.Exists(configFile) ? File.ReadAllText(configFile) : "{}");
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot write {path}: {exception.Message}";
        }
    }
}
