using System.Globalization;
using System.Text;
using ProcFs.Interop;
using ProcFs.Mountinfo;

namespace ProcFs.Fuse;

/// <summary>
/// Looks at a place for a mount. What is mounted is read from mountinfo alone; the path itself is touched only when nothing is
/// mounted on it, since every access to a dead or our own mount waits for a server, possibly for ever.
/// </summary>
public static class MountPoint
{
    /// <summary>What is at a path.</summary>
    /// <param name="path">Relative paths count from the working directory. A directory on the way may be a symbolic link.</param>
    /// <param name="subtype">Ours are the mounts of type "fuse.SUBTYPE".</param>
    /// <param name="procRoot">Where procfs is.</param>
    /// <exception cref="FuseException">mountinfo cannot be read.</exception>
    public static MountPointState Inspect(string path, string subtype = "procfs", string procRoot = "/proc")
        => Inspect(path, subtype, ReadMountInfo(procRoot));

    /// <summary>Same as the other one, with the text of a mountinfo file (proc(5)).</summary>
    public static MountPointState Inspect(string path, string subtype, ReadOnlySpan<byte> mountInfo)
    {
        string type = "fuse." + subtype;
        if (MountedOn(path, type, mountInfo, out string canonical) is { } state)
        {
            return state;
        }

        Errno error = Libc.ErrorOf(Libc.Statx(
            Libc.AT_FDCWD,
            Libc.PathBytes(canonical),
            Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_NO_AUTOMOUNT | Libc.AT_STATX_DONT_SYNC,
            Libc.STATX_TYPE,
            out Libc.StatxBuffer status));
        return error switch
        {
            Errno.None when (status.Mode & Libc.S_IFMT) == Libc.S_IFDIR => Contents(canonical),
            Errno.None => new MountPointState(MountPointKind.NotDirectory),
            Errno.ENOENT => new MountPointState(MountPointKind.Missing),
            Errno.ENOTDIR => new MountPointState(MountPointKind.NotDirectory),
            _ => new MountPointState(MountPointKind.Unreadable) { Error = (FuseErrno)error },
        };
    }

    /// <summary>A path as the kernel knows it: absolute, and without symbolic links in its directory. Its last component is not touched.</summary>
    public static string Canonical(string path)
        => WithoutLinks(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    /// <summary>The path under which the topmost own mount is known to the kernel; null when none is on top.</summary>
    internal static string? TopOf(string path, string subtype, string procRoot)
        => MountedOn(path, "fuse." + subtype, ReadMountInfo(procRoot), out string canonical) is { Kind: MountPointKind.OwnMount }
            ? canonical
            : null;

    private static MountPointState? MountedOn(
        string path, string ownType, ReadOnlySpan<byte> mountInfo, out string canonical)
    {
        canonical = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Scan(mountInfo, canonical, ownType) is { } state)
        {
            return state;
        }

        // Nothing on the path as it is written; mountinfo knows it without symbolic links.
        canonical = WithoutLinks(canonical);
        return Scan(mountInfo, canonical, ownType);
    }

    private static MountPointState? Scan(ReadOnlySpan<byte> mountInfo, string path, string ownType)
    {
        byte[] ownTypeBytes = Encoding.UTF8.GetBytes(ownType);
        MountPointState? top = null;
        string? covering = null;
        bool isWithinOwn = false;
        // Mounts on one path are listed from the lowest to the topmost.
        while (MountInfoLine.TryReadNext(ref mountInfo, out MountInfoLine line))
        {
            string mountPoint = MountInfoLine.Unescape(line.MountPoint);
            bool isOwn = line.Type.SequenceEqual(ownTypeBytes);
            if (mountPoint == path)
            {
                top = isOwn ? Own(line, top) : new MountPointState(MountPointKind.ForeignMount) { Type = Text(line.Type), Source = MountInfoLine.Unescape(line.Source) };
            }
            else if (IsAbove(mountPoint, path) && mountPoint.Length >= (covering?.Length ?? 0))
            {
                covering = mountPoint;
                isWithinOwn = isOwn;
            }
        }

        return top ?? (isWithinOwn ? new MountPointState(MountPointKind.InsideOwnMount) : null);
    }

    private static MountPointState Own(MountInfoLine line, MountPointState? below) => new(MountPointKind.OwnMount)
    {
        Count = (below?.Count ?? 0) + 1, // a foreign mount in between has count 0: only what lies above it counts
        DeviceMinor = MinorOf(line.Device),
        MaxRead = line.MaxRead,
        Context = line.Context.IsEmpty ? null : Text(line.Context),
        Root = MountInfoLine.Unescape(line.Root),
        Type = Text(line.Type),
        Source = MountInfoLine.Unescape(line.Source),
    };

    private static bool IsAbove(string mountPoint, string path)
        => mountPoint == "/" || (path.Length > mountPoint.Length && path[mountPoint.Length] == '/' && path.StartsWith(mountPoint, StringComparison.Ordinal));

    /// <summary>The path with the links in its directory resolved; as it was when that directory is not there. Asks no procfs: it may be another host's.</summary>
    private static string WithoutLinks(string path)
        => Path.GetDirectoryName(path) is { } parent && Libc.RealPath(parent) is { } plain ? Path.Combine(plain, Path.GetFileName(path)) : path;

    private static MountPointState Contents(string path)
    {
        try
        {
            using IEnumerator<string> entries = Directory.EnumerateFileSystemEntries(path).GetEnumerator();
            return new MountPointState(entries.MoveNext() ? MountPointKind.NotEmpty : MountPointKind.Nothing);
        }
        catch (DirectoryNotFoundException)
        {
            return new MountPointState(MountPointKind.Missing);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new MountPointState(MountPointKind.Unreadable) { Error = exception is UnauthorizedAccessException ? FuseErrno.EACCES : FuseErrno.EIO };
        }
    }

    private static uint? MinorOf(ReadOnlySpan<byte> device)
    {
        int colon = device.IndexOf((byte)':');
        return colon >= 0 && uint.TryParse(device[(colon + 1)..], CultureInfo.InvariantCulture, out uint minor) ? minor : null;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static byte[] ReadMountInfo(string procRoot)
    {
        string path = procRoot + "/self/mountinfo";
        try
        {
            return File.ReadAllBytes(path); // until read(2) returns 0: the reported size is 0
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FuseException($"cannot read {path}: {exception.Message.Split(" : '")[0].TrimEnd('.')}", exception);
        }
    }
}
