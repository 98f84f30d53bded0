using System.Globalization;
using ProcFs.Host;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary>
/// Refuses to serve where nobody would see it. Many settings of a systemd unit give the service a mount namespace of its own; all looks
/// well from inside, and the mount exists nowhere else.
/// </summary>
internal static class MountVisibility
{
    /// <param name="procRoot">Of this pid namespace.</param>
    /// <exception cref="Failure">systemd started us in a mount namespace that is not its own.</exception>
    public static void Check(string procRoot)
    {
        string own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        bool isUnit = Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == own;
        if (isUnit && Namespace(procRoot + "/self/ns/mnt") is { } ours && Namespace(procRoot + "/1/ns/mnt") is { } systemds && ours != systemds)
        {
            throw new Failure(ExitCode.Impossible,
                "this service has a mount namespace of its own, and its mount would be invisible outside: remove the settings that make one (ProtectSystem=, PrivateTmp= and others, see systemd/README.md) from the unit and its drop-ins");
        }
    }

    /// <summary>
    /// Refuses to read the host's files through our own: that would be a question to ourselves, which nobody answers. So it would be with a daemon in a container that
    /// has got our files.
    /// </summary>
    /// <exception cref="Failure">Files of ours lie over the ones that are to be read.</exception>
    public static void RefuseOwnFiles(HostRoots roots)
    {
        string path = roots.Proc + "/self/mountinfo";
        string[] below = [roots.Proc + "/", roots.Sys + "/"];
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                string[] fields = line.Split(' ');
                if (fields.Length > 4 && line.Contains(" - fuse.procfs ", StringComparison.Ordinal) && below.Any(root => fields[4].StartsWith(root, StringComparison.Ordinal)))
                {
                    throw new Failure(ExitCode.Impossible,
                        $"{fields[4]} is a file of ours here, and the daemon needs the kernel's own: keep them out of its container (annotation io.procfs.enable=0), detach them (procfs detach), or give the host's /proc with --proc-root");
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(exception is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException ? ExitCode.Impossible : ExitCode.Failed, $"cannot read {path}: {exception.Message}");
        }
    }

    /// <summary>Null when we may not look (no CAP_SYS_PTRACE): then nothing can be said.</summary>
    private static string? Namespace(string link)
    {
        Span<byte> target = stackalloc byte[64];
        nint length = Libc.ReadlinkAt(Libc.AT_FDCWD, Libc.PathBytes(link), target);
        return length > 0 ? System.Text.Encoding.ASCII.GetString(target[..(int)length]) : null;
    }
}
