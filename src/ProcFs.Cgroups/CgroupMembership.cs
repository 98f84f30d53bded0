using System.Text;
using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups;

/// <summary>The cgroups of one process: /proc/pid/cgroup, see cgroups(7). Immutable.</summary>
public sealed class CgroupMembership
{
    private readonly string?[] _paths;

    private CgroupMembership(CgroupLayout layout)
    {
        Layout = layout;
        _paths = new string?[layout.Hierarchies.Count];
    }

    /// <summary>The hierarchies the paths belong to.</summary>
    public CgroupLayout Layout { get; }

    /// <summary>True when the process is in a cgroup that no longer exists (v2 shows this; a zombie can be in such a one).</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>True when some path is outside of our cgroup namespace or beside what our mount shows.</summary>
    public bool IsOutsideView { get; private set; }

    /// <summary>Reads the text; lines that are not of the form <c>id:controllers:path</c> are passed over.</summary>
    public static CgroupMembership Parse(CgroupLayout layout, ReadOnlySpan<byte> text)
    {
        CgroupMembership membership = new(layout);
        while (MembershipLine.TryReadNext(ref text, out MembershipLine line))
        {
            foreach (CgroupHierarchy hierarchy in layout.Hierarchies)
            {
                if (hierarchy.Matches(line.Controllers))
                {
                    membership.Set(hierarchy, line.Path);
                    break;
                }
            }
        }

        return membership;
    }

    /// <summary>
    /// The path below the hierarchy's mount, <c>/</c> for its root. Null: the text does not list the hierarchy, the path is outside of our
    /// view, or the cgroup was deleted.
    /// </summary>
    public string? PathIn(CgroupHierarchy hierarchy) => _paths[hierarchy.Index];

    /// <summary>The same paths as a value that can be compared and changed.</summary>
    public CgroupPaths ToPaths() => CgroupPaths.Create(Layout, PathIn);

    private void Set(CgroupHierarchy hierarchy, ReadOnlySpan<byte> path)
    {
        // Only v2 marks dead cgroups; on v1 the blank and the word would be part of a name.
        if (hierarchy.Version == CgroupVersion.V2 && path.EndsWith(" (deleted)"u8))
        {
            IsDeleted = true;
            return;
        }

        string? below = hierarchy.PathBelowRoot(Encoding.UTF8.GetString(path));
        _paths[hierarchy.Index] = below;
        IsOutsideView |= below is null;
    }
}
