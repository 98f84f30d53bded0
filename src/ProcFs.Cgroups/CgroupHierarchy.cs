using System.Text;

namespace ProcFs.Cgroups;

/// <summary>One mounted hierarchy. Immutable; compared by reference, and by <see cref="Index"/> within its layout.</summary>
public sealed class CgroupHierarchy
{
    private readonly byte[][] _names;

    internal CgroupHierarchy(int index, CgroupVersion version, string mountPoint, string root, IEnumerable<string> names)
    {
        Index = index;
        Version = version;
        MountPoint = mountPoint;
        Root = root;
        Name = string.Join(',', names);
        _names = [.. names.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The position in <see cref="CgroupLayout.Hierarchies"/>.</summary>
    public int Index { get; }

    /// <summary>v1 or v2.</summary>
    public CgroupVersion Version { get; }

    /// <summary>The directory where it is mounted.</summary>
    public string MountPoint { get; }

    /// <summary>The cgroup that the mount shows as its root, seen from our cgroup namespace (field 4 of mountinfo); usually <c>/</c>.</summary>
    public string Root { get; }

    /// <summary>v1: the controllers, e.g. <c>cpu,cpuacct</c>, or <c>name=systemd</c>. v2: empty.</summary>
    public string Name { get; }

    /// <summary>True when a line of /proc/pid/cgroup with this controllers field is about this hierarchy.</summary>
    public bool Matches(ReadOnlySpan<byte> controllers)
    {
        if (Version == CgroupVersion.V2)
        {
            return controllers.IsEmpty;
        }

        foreach (byte[] name in _names)
        {
            if (TextLines.ListContains(controllers, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when a mount with this type and these super options (mountinfo fields 9 and 11) is one of this hierarchy.</summary>
    public bool MatchesMount(ReadOnlySpan<byte> type, ReadOnlySpan<byte> superOptions)
        => Version == CgroupVersion.V2 ? type.SequenceEqual("cgroup2"u8) : type.SequenceEqual("cgroup"u8) && Matches(superOptions);

    /// <summary>
    /// A path as the kernel shows it to us (in /proc/pid/cgroup, or as the root of a mount) as a path below our mount. Null when it is
    /// not there: beside the mount's root, or outside of our cgroup namespace (<c>/..</c>).
    /// </summary>
    public string? PathBelowRoot(string kernelPath) => CgroupPath.Normalise(CgroupPath.Below(kernelPath, Root));

    /// <inheritdoc/>
    public override string ToString() => $"{(Version == CgroupVersion.V2 ? "v2" : "v1")} {MountPoint}";

    /// <summary>The directory of a cgroup.</summary>
    internal string DirectoryOf(string path) => path == CgroupPath.Root ? MountPoint : MountPoint + path;

    internal bool HasV1(Controller controller)
    {
        foreach (byte[] name in _names)
        {
            if (ControllerNames.V1(controller).SequenceEqual(name))
            {
                return Version == CgroupVersion.V1;
            }
        }

        return false;
    }
}
