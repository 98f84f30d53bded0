using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary>
/// One server for each mount point: a record lock on a file in the run directory. It belongs to the process and vanishes with
/// it, however that ends, so nothing stale is ever left.
/// </summary>
internal sealed class ServerLock : IDisposable
{
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
    public static string StateFile(string runDirectory, string mount) => Path.Combine(runDirectory, MountName.Of(mount) + ".state");

    public void Dispose() => _file.Dispose();

    private static string PathFor(string runDirectory, string mount) => Path.Combine(runDirectory, MountName.Of(mount) + ".lock");
}
