using System.Text;

namespace ProcFs.Hook;

/// <summary>Where things are below the run directory (<c>--run-dir</c>, by default /run/procfs). docs/registration.md has the same as a table.</summary>
public static class RunDirectory
{
    /// <summary>What is used when nobody says otherwise.</summary>
    public const string Default = "/run/procfs";

    private const int LongestName = 200; // NAME_MAX is 255, and suffixes follow

    /// <summary>The registration spool: one file for each container, whoever wrote it. Mode 0700.</summary>
    public static string Registry(string runDirectory) => Path.Combine(runDirectory, "registry");

    /// <summary>The file of one container in the spool.</summary>
    public static string RegistryFile(string runDirectory, string id) => Path.Combine(Registry(runDirectory), RegistryName(id) + ".json");

    /// <summary>The daemon's socket for hooks and tools.</summary>
    public static string ControlSocket(string runDirectory) => Path.Combine(runDirectory, "control.sock");

    /// <summary>
    /// The connections that we have had since boot, one line each, with blanks between: boot id, device minor, mark (max_read), name of the session's
    /// mount point. By that, and by type, source and root, a dead mount in a container is known as ours.
    /// </summary>
    public static string Connections(string runDirectory) => Path.Combine(runDirectory, "connections");

    /// <summary>What hooks and wrappers have warned of lately, so that they do not say the same again and again.</summary>
    public static string Warnings(string runDirectory) => Path.Combine(runDirectory, "hook.warnings");

    /// <summary>The same of what attach and detach have warned of, where the service started them.</summary>
    public static string AttachWarnings(string runDirectory) => Path.Combine(runDirectory, "attach.warnings");

    /// <summary>Below it are the private mounts, which no container sees. Mode 0700.</summary>
    public static string PrivateMounts(string runDirectory) => Path.Combine(runDirectory, "fuse");

    /// <summary>A container's id as a file name: itself where it is harmless, else its SHA-256.</summary>
    public static string RegistryName(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        bool isHarmless = id.Length is > 0 and <= LongestName && id[0] != '.'
            && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or ':' or '-');
        return isHarmless ? id : "sha256-" + Sha256.Hex(Encoding.UTF8.GetBytes(id));
    }
}
