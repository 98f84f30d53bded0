using System.Globalization;
using System.Text;
using ProcFs.Cli;
using ProcFs.Mountinfo;

namespace ProcFs.Node;

/// <summary><c>procfs node status</c>: whether a node is served, and by what. For people and probes; nothing is asked that could hang.</summary>
internal sealed class NodeStatus(NodePlaces places, NodeInstaller installer)
{
    /// <summary>Who serves the node; 0: nobody.</summary>
    public Func<int> Server { get; init; } = () => Serving.ServerLock.Holder(places.RunDirectory, RootOptions.DefaultMount);

    /// <summary>The text, a line for each thing.</summary>
    /// <param name="isServed">A version that was installed here serves, and the mount is where containers' engines look for it.</param>
    public string Describe(out bool isServed)
    {
        string? version = installer.Versions.Current;
        int pid = Server();
        string? running = pid > 0 ? installer.Versions.RunBy(pid) : null;
        bool isMounted = IsMounted();
        isServed = version is not null && pid > 0 && isMounted;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"installed: {version ?? "nothing"}{(installer.Versions.Previous is { } before ? $" (before: {before})" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"serving: {(pid > 0 ? $"{running ?? "another program"}, process {pid}" : "nobody")}\n");
        text.Append(CultureInfo.InvariantCulture, $"mount: {RootOptions.DefaultMount} {(isMounted ? "is there" : "is missing")}\n");
        if (installer.Containerd.IsHere)
        {
            text.Append(installer.Containerd.Describe(out _)).Append('\n');
        }

        if (installer.Crio.IsHere)
        {
            text.Append(installer.Crio.Describe(out _)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>By mountinfo: nobody looks into the mount, since that may wait.</summary>
    private bool IsMounted()
    {
        byte[] target = Encoding.UTF8.GetBytes(RootOptions.DefaultMount);
        foreach (string line in NodeFile.Read(places.ProcRoot + "/self/mountinfo")?.Split('\n') ?? [])
        {
            if (MountInfoLine.TryParse(Encoding.UTF8.GetBytes(line), out MountInfoLine mount) && mount.MountPoint.SequenceEqual(target) && mount.Type.SequenceEqual("fuse.procfs"u8))
            {
                return true;
            }
        }

        return false;
    }
}
