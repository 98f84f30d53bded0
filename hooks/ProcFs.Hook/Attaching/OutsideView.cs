using System.Globalization;
using System.Text;
using ProcFs.Interop;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// What a container's mountinfo says to somebody who does not enter: good enough to tell that there is nothing to do. What it says can be old by the
/// time it is used, so an attach looks for itself.
/// </summary>
public sealed class OutsideView
{
    private const int MostBytes = 4 << 20; // some 20000 mounts; a container can have mountinfo as long as it likes

    private readonly Dictionary<string, (string Root, uint Minor, bool IsOwn)> _topmost = [];
    private readonly SortedSet<string> _ownFiles = new(StringComparer.Ordinal);
    private readonly OwnMounts _own;

    internal OutsideView(MountTable table, OwnMounts own)
    {
        _own = own;
        ReadOnlySpan<byte> rest = table.Text;
        while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
        {
            if (line.MountPoint.SequenceEqual("/proc"u8))
            {
                ProcDevice = Encoding.UTF8.GetString(line.Device); // of several, the last is the topmost
            }

            if (line.MountPoint.StartsWith("/proc/"u8) || line.MountPoint.StartsWith("/sys/"u8))
            {
                string mountPoint = Encoding.UTF8.GetString(line.MountPoint);
                bool isOwn = OwnMountRules.IsOwn(line, own, out uint minor, out string? file) && mountPoint.AsSpan(1).SequenceEqual(file);
                _topmost[mountPoint] = (Encoding.UTF8.GetString(line.Root), minor, isOwn);
                if (isOwn)
                {
                    _ownFiles.Add(file!);
                }
            }
        }
    }

    /// <summary>The device of its /proc, as "0:53": the same for two mount namespaces that show the same procfs. Null: it has no /proc.</summary>
    public string? ProcDevice { get; }

    /// <summary>The files on which something of ours is mounted, as "proc/meminfo".</summary>
    public IReadOnlyCollection<string> OwnFiles => _ownFiles;

    /// <summary>Those of them whose topmost mount is of ours and dead or outdated.</summary>
    public IReadOnlyList<string> DeadFiles
        => [.. _ownFiles.Where(file => _topmost["/" + file] is { IsOwn: true } top && (top.Minor != _own.LiveMinor || _own.LiveMinor == 0))];

    /// <summary>Looks at the mounts that a process sees; null when it is gone, or its mountinfo cannot be read, is very long, or takes longer than that to read.</summary>
    public static OutsideView? Read(string procRoot, int pid, OwnMounts own, TimeSpan within)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"{procRoot}/{pid}");
        using FileDescriptor? process = FileDescriptor.Open(path, Libc.O_PATH | Libc.O_DIRECTORY, out _);
        return process is not null && MountTable.Read(process.Number, MostBytes, new Deadline(within), out _) is { } table ? new OutsideView(table, own) : null;
    }

    /// <summary>
    /// Whether the kernel's own file shows in the place of one of ours, and nothing of somebody else's keeps ours away: no mount on it, on a directory above, or, where
    /// it is a directory, in it.
    /// </summary>
    /// <param name="file">As "proc/meminfo".</param>
    public bool Lacks(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string path = "/" + file;
        return !_topmost.Keys.Any(place => place == path
            || path.StartsWith(place + "/", StringComparison.Ordinal)
            || (place.StartsWith(path + "/", StringComparison.Ordinal) && !_topmost[place].IsOwn && !CpuDirectory.MayCoverMask(place[1..])));
    }

    /// <summary>Whether each of these files is there, served, and of that source directory.</summary>
    public bool HasAll(string sourceDirectory, IEnumerable<string> files)
    {
        string root = SourceRoot.Of(sourceDirectory);
        return files.All(file => _topmost.TryGetValue("/" + file, out (string Root, uint Minor, bool IsOwn) top)
            && top.IsOwn && top.Minor == _own.LiveMinor && top.Root == $"{root}/{file}");
    }
}
