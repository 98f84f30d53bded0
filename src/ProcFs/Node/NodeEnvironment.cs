namespace ProcFs.Node;

/// <summary>
/// What a pod says to all programs in it, so that those of kubectl exec and of probes mean the same node as its first one: what they are in the place of an option
/// that is not given.
/// </summary>
internal static class NodeEnvironment
{
    /// <summary>In the place of --directory.</summary>
    public const string Directory = "PROCFS_NODE_DIRECTORY";

    /// <summary>In the place of --containerd-config.</summary>
    public const string ContainerdFile = "PROCFS_CONTAINERD_CONFIG";

    /// <summary>The value; null: there is none, or an empty one.</summary>
    public static string? Of(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
