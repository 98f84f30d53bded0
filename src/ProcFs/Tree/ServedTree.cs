using ProcFs.Files;
using ProcFs.Fuse;

namespace ProcFs.Tree;

/// <summary>The directories and files below the mount point: proc/… and sys/devices/system/cpu/…, as lxcfs lays them out.</summary>
internal sealed class ServedTree
{
    private static readonly (string Path, ushort Number)[] Directories =
    [
        ("proc", NodeId.Proc),
        ("sys", NodeId.Sys),
        ("sys/devices", NodeId.SysDevices),
        ("sys/devices/system", NodeId.SysDevicesSystem),
        ("sys/devices/system/cpu", NodeId.SysDevicesSystemCpu),
    ];

    private readonly Dictionary<ushort, TreeNode> _nodes = [];

    /// <param name="sizeOf">What stat(2) says of a file's size, in bytes, by its path.</param>
    public ServedTree(Func<string, long> sizeOf)
    {
        TreeNode root = new("", NodeAttributes.Directory(NodeId.Root), NodeId.Root, null);
        _nodes.Add(NodeId.Root, root);
        Dictionary<string, TreeNode> byPath = new() { [""] = root };
        foreach ((string path, ushort number) in Directories)
        {
            byPath.Add(path, Add(byPath, path, NodeAttributes.Directory(NodeId.Of(0, number)), null));
        }

        foreach ((ushort number, IProcFile file) in ProcFiles.All)
        {
            Add(byPath, file.Path, NodeAttributes.File(NodeId.Of(0, number)) with { Size = sizeOf(file.Path) }, file);
        }
    }

    /// <summary>Null for a number that nothing has. Container 0, the caller's, is the only one so far.</summary>
    public TreeNode? Find(ulong nodeId) => NodeId.ContainerOf(nodeId) == 0 ? _nodes.GetValueOrDefault(NodeId.FileOf(nodeId)) : null;

    private TreeNode Add(Dictionary<string, TreeNode> byPath, string path, NodeAttributes attributes, IProcFile? file)
    {
        TreeNode parent = byPath[Path.GetDirectoryName(path)!];
        TreeNode node = new(Path.GetFileName(path), attributes, parent.Attributes.NodeId, file);
        parent.Children.Add(node);
        _nodes.Add(NodeId.FileOf(attributes.NodeId), node);
        return node;
    }
}
