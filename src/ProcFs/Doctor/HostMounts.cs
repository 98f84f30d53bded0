using System.Text;
using ProcFs.Mountinfo;

namespace ProcFs.Doctor;

/// <summary>The mounts of this mount namespace at one moment, from mountinfo: nobody is asked anything.</summary>
internal sealed class HostMounts
{
    private readonly List<HostMount> _all = [];
    private readonly Dictionary<string, HostMount> _topmost = new(StringComparer.Ordinal);

    /// <param name="mountinfo">The text, as in proc(5); lines of another form are passed over.</param>
    public HostMounts(ReadOnlySpan<byte> mountinfo)
    {
        while (MountInfoLine.TryReadNext(ref mountinfo, out MountInfoLine line))
        {
            HostMount mount = new(
                MountInfoLine.Unescape(line.MountPoint), MountInfoLine.Unescape(line.Root), Encoding.UTF8.GetString(line.Type), MountInfoLine.Unescape(line.Source),
                Encoding.UTF8.GetString(line.Device), line.Context.IsEmpty ? null : Encoding.UTF8.GetString(line.Context));
            _all.Add(mount);
            _topmost[mount.Place] = mount; // of several on one place the last is the topmost
        }
    }

    public IReadOnlyList<HostMount> All => _all;

    /// <summary>What lies on a place; null: nothing is mounted there.</summary>
    public HostMount? On(string place) => _topmost.GetValueOrDefault(place);

    /// <summary>What is mounted below a directory.</summary>
    public IEnumerable<HostMount> Below(string directory) => _all.Where(mount => mount.Place.StartsWith(directory + "/", StringComparison.Ordinal));

    /// <summary>The mount that a path without links lies on.</summary>
    public HostMount? Holding(string path)
    {
        for (string at = path; at.Length > 1; at = at[..Math.Max(1, at.LastIndexOf('/'))])
        {
            if (_topmost.TryGetValue(at, out HostMount? mount))
            {
                return mount;
            }
        }

        return _topmost.GetValueOrDefault("/");
    }
}

/// <summary>One of them.</summary>
/// <param name="Place">Where it is mounted.</param>
/// <param name="Root">Which directory of the file system it shows.</param>
/// <param name="Type">As "ext4", "fuse.sshfs".</param>
/// <param name="Source">What is mounted.</param>
/// <param name="Device">As "0:53".</param>
/// <param name="Context">The SELinux label that it was mounted with; null: none.</param>
internal sealed record HostMount(string Place, string Root, string Type, string Source, string Device, string? Context)
{
    /// <summary>Whoever looks into it waits for a server.</summary>
    public bool IsFuse => Type is "fuse" or "fuseblk" || Type.StartsWith("fuse.", StringComparison.Ordinal) || Type.StartsWith("fuseblk.", StringComparison.Ordinal);
}
