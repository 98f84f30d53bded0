using System.Globalization;
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

    /// <summary>Null when we may not look (no CAP_SYS_PTRACE): then nothing can be said.</summary>
    private static string? Namespace(string link)
    {
        Span<byte> target = stackalloc byte[64];
        nint length = Libc.ReadlinkAt(Libc.AT_FDCWD, Libc.PathBytes(link), target);
        return length > 0 ? System.Text.Encoding.ASCII.GetString(target[..(int)length]) : null;
    }
}
