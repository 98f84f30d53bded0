namespace ProcFs.Fuse;

/// <summary>
/// What stat(2) shows of a node. Everything else is the same for all: owner root:root, one link (directories two),
/// times from <see cref="SessionParameters.NodeTime"/>, generation 1.
/// </summary>
/// <param name="NodeId">The node's number, also its inode number. Never 0: the kernel takes that for "does not exist".</param>
/// <param name="Kind">What the node is.</param>
/// <param name="Permissions">Permission bits, e.g. 0444 octal; other bits are dropped.</param>
/// <param name="Size">In bytes. With 0, sendfile(2) copies nothing of a file (Linux 6.5 and later), whatever it holds.</param>
public readonly record struct NodeAttributes(ulong NodeId, NodeKind Kind, ushort Permissions, long Size)
{
    /// <summary>Nanoseconds of the modification time, below 10⁹: another number for another text, wherever pages of it are kept.</summary>
    public uint Version { get; init; }

    /// <summary>The name can lead here for one reader and nowhere for another: the kernel asks at each look-up. Else it trusts it for an hour.</summary>
    public bool NameMayChange { get; init; }

    /// <summary>Size and version can change: the kernel asks again after a second. Else it trusts them for an hour.</summary>
    public bool MayChange { get; init; }

    /// <summary>The number of the root directory (FUSE_ROOT_ID).</summary>
    public const ulong RootNodeId = 1;

    /// <summary>Read permission for all, 0444: what most of /proc has.</summary>
    public const ushort ReadableByAll = 0x124;

    /// <summary>Read and write permission for all, 0666.</summary>
    public const ushort WritableByAll = 0x1b6;

    /// <summary>Read and search permission for all, 0555.</summary>
    public const ushort SearchableByAll = 0x16d;

    /// <summary>A regular file, 0444, size 0.</summary>
    public static NodeAttributes File(ulong nodeId) => new(nodeId, NodeKind.RegularFile, ReadableByAll, 0);

    /// <summary>A directory, 0555.</summary>
    public static NodeAttributes Directory(ulong nodeId) => new(nodeId, NodeKind.Directory, SearchableByAll, 0);

    /// <summary>A symbolic link, 0777; its size is the target's length.</summary>
    public static NodeAttributes SymbolicLink(ulong nodeId, long targetLength) => new(nodeId, NodeKind.SymbolicLink, 0x1ff, targetLength);
}
