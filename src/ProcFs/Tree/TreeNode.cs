using ProcFs.Files;
using ProcFs.Fuse;

namespace ProcFs.Tree;

/// <summary>A directory or file of the served tree: the same for every container, but for the number in its node id.</summary>
internal sealed class TreeNode
{
    private const ushort ReadableByRoot = 0x100; // 0400

    private readonly NodeAttributes _attributes;
    private readonly TreeNode? _parent;

    /// <param name="name">Its name in its directory.</param>
    /// <param name="number">The file part of its node id.</param>
    /// <param name="parent">Its directory; null for the root. It is added there.</param>
    /// <param name="file">Null for a directory.</param>
    /// <param name="size">What stat(2) says, in bytes.</param>
    public TreeNode(string name, ushort number, TreeNode? parent, IProcFile? file = null, long size = 0)
    {
        Name = System.Text.Encoding.ASCII.GetBytes(name);
        Number = number;
        File = file;
        _parent = parent;
        _attributes = file is null
            ? NodeAttributes.Directory(number)
            : new NodeAttributes(number, NodeKind.RegularFile, PermissionsOf(file), size);
        parent?.Children.Add(this);
    }

    public byte[] Name { get; }

    public ushort Number { get; }

    /// <summary>Null for a directory.</summary>
    public IProcFile? File { get; }

    public List<TreeNode> Children { get; } = [];

    public NodeKind Kind => _attributes.Kind;

    public ulong IdIn(ulong container) => NodeId.Of(container, Number);

    public NodeAttributes AttributesIn(ulong container) => _attributes with { NodeId = IdIn(container) };

    public ulong ParentIdIn(ulong container) => Number == NodeId.ContainerRoot && container != 0
        ? NodeId.Containers
        : _parent?.IdIn(container) ?? IdIn(container);

    private static ushort PermissionsOf(IProcFile file)
        => file.OnlyForRoot ? ReadableByRoot : file.TriggersOn is null ? NodeAttributes.ReadableByAll : NodeAttributes.WritableByAll;
}
