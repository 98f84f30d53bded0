namespace ProcFs.Handover;

/// <summary>What the two descriptors that outlive a server are called wherever they are kept: a successor finds them by name.</summary>
internal static class DescriptorNames
{
    /// <summary>The open /dev/fuse.</summary>
    public const string Device = "procfs-device";

    /// <summary>The memory with the requests in hand.</summary>
    public const string Journal = "procfs-journal";
}
