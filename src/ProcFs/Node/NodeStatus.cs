using System.Globalization;
using System.Text;
using ProcFs.Status;

namespace ProcFs.Node;

/// <summary><c>procfs node status</c>: whether a node is served, and by what. For people and probes; nothing is asked that could hang.</summary>
internal sealed class NodeStatus(NodePlaces places, NodeInstaller installer)
{
    /// <summary>How the node's mount is.</summary>
    public Func<MountHealth> Health { get; init; } = new NodeMount(places, installer.Versions).Health;

    /// <summary>The program that asks: in a pod, that of its image.</summary>
    public string OwnProgram { get; init; } = "/proc/self/exe";

    /// <summary>The text, a line for each thing.</summary>
    /// <param name="isServed">The very program that asks serves, and the mount is where containers' engines look for it.</param>
    public string Describe(out bool isServed)
    {
        string? version = installer.Versions.Current;
        MountHealth health = Health();
        int pid = health.Daemon.Pid;
        string? running = pid > 0 ? installer.Versions.RunBy(pid) : null;
        bool isOwn = running is not null && FileContents.AreSame(OwnProgram, installer.Versions.ProgramOf(running));
        isServed = health.IsServed && isOwn;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"installed: {version ?? "nothing"}{(installer.Versions.Previous is { } before ? $" (before: {before})" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"serving: {(pid > 0 ? $"{running ?? "another program"}, process {pid}{(isOwn ? "" : ", which is not the program that asks")}" : "nobody")}\n");
        text.Append("mount: ").Append(health.Sentence).Append('\n');
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
}
