using ProcFs.Files;
using ProcFs.Fuse;

namespace ProcFs.Tree;

/// <summary>A directory or file of the served tree.</summary>
internal sealed class TreeNode(string name, NodeAttributes attributes, ulong parentId, IProcFile? file)
{
    public byte[] Name { get; } = System.Text.Encoding.ASCII.GetBytes(name);

    public NodeAttributes Attributes { get; } = attributes;

    public ulong ParentId { get; } = parentId;

    /// <summary>Null for a directory.</summary>
    public IProcFile? File { get; } = file;

    public List<TreeNode> Children { get; } = [];
}
