using System.Text;
using ProcFs.Mountinfo;
using static ProcFs.Tests.Support.Hostile;

namespace ProcFs.Cgroups.Tests;

/// <summary>Where cgroups are and who is in which, from the captured hosts: each prefix of each mountinfo and cgroup file, and 100,000 mutations.</summary>
public sealed class CapturedPlacesTests
{
    [Fact]
    public void Lines_of_mountinfo() => Attack(Captured.Texts("proc/[^/]*/mountinfo", 5), 20, text =>
    {
        bool ok = true;
        ReadOnlySpan<byte> rest = text;
        while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
        {
            ok &= !line.Type.IsEmpty && !line.Type.Contains((byte)' ')
                && MountInfoLine.Unescape(line.Root).Length <= line.Root.Length && MountInfoLine.Unescape(line.MountPoint).Length <= line.MountPoint.Length
                && MountInfoLine.Unescape(line.Source).Length <= line.Source.Length;
        }

        return ok && rest.IsEmpty;
    });

    [Fact]
    public void The_layout_of_a_host()
    {
        int most = 0;
        int withControllers = 0;
        foreach (string host in Captured.Hosts)
        {
            // As if it were mounted here: what is looked at below the mount points is the captured host, too.
            string here = Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(host, "proc/self/mountinfo")))
                .Replace(" /sys/fs/cgroup", $" {host}/sys/fs/cgroup", StringComparison.Ordinal);
            Attack([Encoding.Latin1.GetBytes(here)], 21, text =>
            {
                List<MountedHierarchy> mounts = MountedHierarchy.FromMountinfo(text);
                CgroupLayout layout = new(mounts);
                most = Math.Max(most, layout.Hierarchies.Count);
                withControllers += layout.HasControllers ? 1 : 0;
                return layout.Hierarchies.Count <= mounts.Count
                    && mounts.TrueForAll(mount => mount.MountPoint.StartsWith('/') && !mount.MountPoint.Contains('\0'))
                    && layout.Hierarchies.Select((hierarchy, index) => hierarchy.Index == index).All(ok => ok)
                    && layout.Describe().StartsWith("cpu: ", StringComparison.Ordinal)
                    && (layout.Unified is null || layout.Hierarchies.Contains(layout.Unified));
            }, Mutations / Captured.Hosts.Count);
        }

        Assert.True(most > 5, "no host was recognised");
        Assert.True(withControllers > Mutations / 2, "hardly a mutation left anything to look at");
    }

    [Fact]
    public void Who_is_in_which_cgroup()
    {
        CgroupLayout[] layouts = [.. Captured.Hosts.Select(host => CgroupLayout.Discover(Path.Combine(host, "proc"), Path.Combine(host, "sys/fs/cgroup")))];
        Assert.All(layouts, layout => Assert.True(layout.HasControllers));
        int found = 0;
        Attack(Captured.Texts("proc/[^/]*/cgroup", 5), 22, text =>
        {
            foreach (CgroupLayout layout in layouts)
            {
                CgroupMembership membership = CgroupMembership.Parse(layout, text);
                foreach (CgroupHierarchy hierarchy in layout.Hierarchies)
                {
                    string? path = membership.PathIn(hierarchy);
                    found += path is null ? 0 : 1;
                    if (path is not null && (path != CgroupPath.Normalise(path) || path != membership.ToPaths()[hierarchy] || path.Split('/').Contains("..")))
                    {
                        return false;
                    }
                }
            }

            return true;
        });
        Assert.True(found > Mutations, "hardly a mutation left a path");
    }
}
