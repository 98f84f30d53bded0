using ProcFs.Containers;
using ProcFs.Hook.Registration;

namespace ProcFs.Attaching;

/// <summary>
/// The mount namespaces that belong to containers besides those of their first processes: a process of theirs made one, as unshare(1), systemd units
/// and nested engines do. One that belongs to several, nested, containers is the innermost's.
/// </summary>
internal static class ContainerNamespaces
{
    private const int MostLooks = 64; // at processes of one namespace: mostly they are all in the same container

    /// <summary>Namespaces to (container, a process in them), without those of the first processes.</summary>
    public static Dictionary<ulong, (RegistryEntry Entry, int Pid)> Find(ProcRoot root, MountNamespaces namespaces, IReadOnlyCollection<RegistryEntry> entries)
    {
        CgroupPlace self = CgroupPlace.OfSelf(root);
        List<(RegistryEntry Entry, CgroupPlace Place)> containers = [];
        HashSet<ulong> first = [];
        foreach (RegistryEntry entry in entries)
        {
            first.Add(MountNamespaces.Of(root, entry.Pid));
            // One that shares this program's cgroups has none of its own: whatever else is in them need not be its.
            if (CgroupPlace.Of(root, entry.Pid) is { } place && !place.IsSameAs(self))
            {
                containers.Add((entry, place));
            }
        }

        containers.Sort((a, b) => b.Place.Depth.CompareTo(a.Place.Depth));
        Dictionary<ulong, (RegistryEntry, int)> found = [];
        foreach ((ulong inode, List<int> processes) in namespaces.All)
        {
            if (!first.Contains(inode) && FindOwner(root, processes, containers) is { } owner)
            {
                found.Add(inode, owner);
            }
        }

        return found;
    }

    private static (RegistryEntry Entry, int Pid)? FindOwner(ProcRoot root, List<int> processes, List<(RegistryEntry Entry, CgroupPlace Place)> containers)
    {
        foreach (int pid in containers.Count == 0 ? [] : processes.Take(MostLooks))
        {
            if (CgroupPlace.Of(root, pid) is { } place)
            {
                foreach ((RegistryEntry entry, CgroupPlace container) in containers)
                {
                    if (place.IsWithin(container))
                    {
                        return (entry, pid);
                    }
                }
            }
        }

        return null;
    }
}
