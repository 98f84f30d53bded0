using System.Text;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Attaching;

/// <summary>Where a process is in the cgroup hierarchies: /proc/PID/cgroup, controllers to path (cgroups(7)).</summary>
internal sealed class CgroupPlace
{
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    private CgroupPlace()
    {
    }

    /// <summary>The more of it, the further down.</summary>
    public int Depth => _paths.Values.Sum(path => path.Length);

    /// <summary>Whether it is a service of systemd's, or below one, in any hierarchy.</summary>
    public bool IsOfService => _paths.Values.Any(path => path.Split('/').Any(part => part.EndsWith(".service", StringComparison.Ordinal)));

    /// <summary>All of it: the same for processes in the same place.</summary>
    public string Text => string.Join('\n', _paths.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}:{entry.Value}"));

    /// <summary>Null: the process is gone.</summary>
    public static CgroupPlace? Of(ProcRoot root, int pid)
    {
        using ProcessDirectory process = ProcessDirectory.Open(root, pid);
        return Of(process);
    }

    /// <summary>This program's own; empty when it has none there.</summary>
    public static CgroupPlace OfSelf(ProcRoot root)
    {
        using ProcessDirectory self = ProcessDirectory.OpenSelf(root);
        return Of(self) ?? new CgroupPlace();
    }

    /// <summary>Lines "hierarchy:controllers:path"; others are passed over.</summary>
    public static CgroupPlace Parse(ReadOnlySpan<byte> text)
    {
        CgroupPlace place = new();
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            int first = line.IndexOf((byte)':');
            int second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second >= 0)
            {
                string controllers = Encoding.UTF8.GetString(line.Slice(first + 1, second));
                place._paths[controllers] = Encoding.UTF8.GetString(line[(first + second + 2)..]);
            }
        }

        return place;
    }

    /// <summary>Whether everything about this place sets it apart from another one in no hierarchy.</summary>
    public bool IsSameAs(CgroupPlace other) => _paths.All(entry => other._paths.GetValueOrDefault(entry.Key) == entry.Value);

    /// <summary>Whether a process here is in the container whose first process is there: in its cgroup or below, in every hierarchy in which that has one.</summary>
    public bool IsWithin(CgroupPlace container)
    {
        bool hasAny = false;
        foreach ((string controllers, string path) in container._paths)
        {
            if (path == "/") // as crun leaves it in hierarchies that it does not use
            {
                continue;
            }

            hasAny = true;
            string here = _paths.GetValueOrDefault(controllers, "/");
            if (here != path && !here.StartsWith(path + "/", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return hasAny;
    }

    private static CgroupPlace? Of(in ProcessDirectory process)
    {
        byte[] buffer = new byte[4096];
        return process.TryRead("cgroup\0"u8, ref buffer, out ReadOnlySpan<byte> text) ? Parse(text) : null;
    }
}
