using ProcFs.Cgroups;
using ProcFs.Mountinfo;

namespace ProcFs.Containers;

/// <summary>
/// The root field of the cgroup mounts that one process has, by hierarchy. Read from outside its cgroup namespace, it is the
/// path, as we see it, of what the process sees as "/".
/// </summary>
internal sealed class MountRoots
{
    private readonly string?[] _roots;

    private MountRoots(int hierarchies) => _roots = new string?[hierarchies];

    /// <summary>Null where the process has no mount of the hierarchy.</summary>
    public string? this[CgroupHierarchy hierarchy] => _roots[hierarchy.Index];

    public static MountRoots Read(CgroupLayout layout, in ProcessDirectory process, ref byte[] buffer)
    {
        MountRoots roots = new(layout.Hierarchies.Count);
        process.TryRead("mountinfo\0"u8, ref buffer, out ReadOnlySpan<byte> text);
        while (MountInfoLine.TryReadNext(ref text, out MountInfoLine line))
        {
            foreach (CgroupHierarchy hierarchy in layout.Hierarchies)
            {
                if (hierarchy.MatchesMount(line.Type, line.SuperOptions))
                {
                    roots._roots[hierarchy.Index] ??= hierarchy.PathBelowRoot(MountInfoLine.Unescape(line.Root));
                }
            }
        }

        return roots;
    }
}
