namespace ProcFs.Node;

/// <summary>What is to be done to the node's container engine.</summary>
/// <param name="Names">The engines; null: those that are found.</param>
/// <param name="EditsContainerd">containerd's own configuration may be changed when a file beside it is not enough.</param>
/// <param name="ContainerdFile">That configuration.</param>
/// <param name="ContainerdUnit">The unit that is restarted when it has changed.</param>
internal sealed record EngineOptions(IReadOnlyList<string>? Names, bool EditsContainerd, string ContainerdFile, string ContainerdUnit)
{
    public const string Containerd = "containerd";
    public const string Crio = "crio";
    public const string None = "none";
    public const string DefaultContainerdFile = "/etc/containerd/config.toml";
}
