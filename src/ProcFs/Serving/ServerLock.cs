using System.Globalization;
using System.Text;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Sampling;

namespace ProcFs.Serving;

/// <summary>
/// One server for each mount point: a record lock on a file in the run directory. It belongs to the process and vanishes with
/// it, however that ends, so nothing stale is ever left.
/// </summary>
internal sealed class ServerLock : IDisposable
{
    private const int LongestName = 240; // NAME_MAX is 255, and a suffix follows

    private readonly FileDescriptor _file;

    private ServerLock(FileDescriptor file) => _file = file;

    /// <exception cref="Failure">Another server has the mount point, or the run directory cannot be used.</exception>
    public static ServerLock Take(string runDirectory, string mount) => new(RecordLock.Take(runDirectory, PathFor(runDirectory, mount), holder
        => $"{mount} is served by process {holder} already; stop that one, or choose another directory with --mount"));

    /// <summary>Who serves a mount point; 0: nobody.</summary>
    public static int Holder(string runDirectory, string mount)
    {
        using FileDescriptor? file = FileDescriptor.Open(PathFor(runDirectory, mount), Libc.O_RDWR | Libc.O_NOFOLLOW, out _);
        return file is null ? 0 : Libc.LockHolder(file.Number);
    }

    /// <summary>Where the history of a mount point is kept; only the holder of its lock uses it.</summary>
    public static string StateFile(string runDirectory, string mount) => Path.Combine(runDirectory, NameOf(mount) + ".state");

    public void Dispose() => _file.Dispose();

    private static string PathFor(string runDirectory, string mount) => Path.Combine(runDirectory, NameOf(mount) + ".lock");

    /// <summary>The mount point as a file name, as systemd escapes paths: "/" becomes "-", everything unusual \xNN.</summary>
    private static string NameOf(string mount)
    {
        StringBuilder name = new();
        foreach (byte character in Encoding.UTF8.GetBytes(MountPoint.Canonical(mount).Trim('/')))
        {
            if (character == '/')
            {
                name.Append('-');
            }
            else if (char.IsAsciiLetterOrDigit((char)character) || character is (byte)'_' or (byte)'.' or (byte)':')
            {
                name.Append((char)character);
            }
            else
            {
                name.Append(CultureInfo.InvariantCulture, $"\\x{character:x2}");
            }
        }

        return name.Length <= LongestName ? name.ToString() : string.Create(CultureInfo.InvariantCulture, $"{name.ToString(0, LongestName - 17)}-{Hash(name):x16}");
    }

    private static ulong Hash(StringBuilder name)
    {
        ulong hash = 0;
        for (int i = 0; i < name.Length; i++)
        {
            hash = HistoryChecksum.Mix(hash, name[i]);
        }

        return hash;
    }
}
