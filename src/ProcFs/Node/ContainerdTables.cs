using ProcFs.Hook;

namespace ProcFs.Node;

/// <summary>The tables of containerd's configuration that name runtime handlers.</summary>
/// <param name="version">2, or 3 and above: containerd 2.x has other names of plugins.</param>
internal sealed class ContainerdTables(int version)
{
    private readonly string _runtimes = $"plugins.\"{(version > 2 ? "io.containerd.cri.v1.runtime" : "io.containerd.grpc.v1.cri")}\".containerd.runtimes";

    /// <summary>containerd's own default handler. containerd 1.x has it no more once a file names another one, and CRI does not start without.</summary>
    public IReadOnlyList<string> Runc => [$"[{_runtimes}.runc]", "runtime_type = \"io.containerd.runc.v2\""];

    /// <summary>The handler of a RuntimeClass: runc by way of this program.</summary>
    /// <param name="runtime">The program, under the name of a runtime.</param>
    /// <param name="hasSystemdCgroup">As the other handlers of the node: all must have the kubelet's cgroup driver.</param>
    public IReadOnlyList<string> Ours(string runtime, bool hasSystemdCgroup = false) =>
    [
        $"[{_runtimes}.procfs]", "runtime_type = \"io.containerd.runc.v2\"", "pod_annotations = [\"io.procfs.*\"]", "container_annotations = [\"io.procfs.*\"]",
        $"[{_runtimes}.procfs.options]", $"BinaryName = \"{runtime}\"", .. hasSystemdCgroup ? new[] { "SystemdCgroup = true" } : [],
    ];

    /// <summary>The name under which a program is a runtime: containerd gives it no arguments.</summary>
    public static string RuntimeBeside(string program) => $"{Path.GetDirectoryName(program)}/{HookProgram.RuntimeName}";
}
