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
        : this(name, number, parent, file is null ? NodeAttributes.Directory(number) : NodeAttributes.File(number) with { Size = size })
    {
        File = file;
        if (file is { OnlyForRoot: true })
        {
            _attributes = _attributes with { Permissions = ReadableByRoot };
        }
        else if (file is { TriggersOn: not null })
        {
            _attributes = _attributes with { Permissions = NodeAttributes.WritableByAll };
        }

        parent?.Children.Add(this);
    }

    private TreeNode(string name, ushort number, TreeNode? parent, NodeAttributes attributes)
    {
        Name = System.Text.Encoding.ASCII.GetBytes(name);
        Number = number;
        _parent = parent;
        _attributes = attributes;
    }

    /// <summary>A file that is the host's in the main.</summary>
    public static TreeNode OfCpuFile(CpuFile file, TreeNode parent)
    {
        const long size = 4096; // as in sysfs
        TreeNode node = new(System.IO.Path.GetFileName(file.Path), file.Number, parent, NodeAttributes.File(file.Number) with { Size = size })
        {
            CpuFile = file,
            HostPath = file.HostPath,
            IsPerCpu = file.IsPerCpu,
        };
        parent.Children.Add(node);
        return node;
    }

    /// <summary>A directory that each CPU has.</summary>
    /// <param name="path">Below that of the CPU; empty for that itself, which its parent does not list by a name of its own.</param>
    /// <param name="number">The file part of its node id.</param>
    /// <param name="parent">Its directory.</param>
    public static TreeNode OfCpuDirectory(string path, ushort number, TreeNode parent)
    {
        TreeNode node = new(System.IO.Path.GetFileName(path), number, parent, NodeAttributes.Directory(number))
        {
            HostPath = System.Text.Encoding.ASCII.GetBytes(path),
            IsPerCpu = true,
        };
        if (path.Length > 0)
        {
            parent.Children.Add(node);
        }

        return node;
    }

    public byte[] Name { get; }

    public ushort Number { get; }

    /// <summary>Null for a directory, and for a <see cref="CpuFile"/>.</summary>
    public IProcFile? File { get; }

    /// <summary>Null for a directory, and for a <see cref="File"/>.</summary>
    public CpuFile? CpuFile { get; private init; }

    /// <summary>Each CPU has one: its node ids name the CPU as well.</summary>
    public bool IsPerCpu { get; private init; }

    /// <summary>What it is on the host, below the directory of the CPU. Empty for what is no node of a CPU, and for that directory itself.</summary>
    public byte[] HostPath { get; private init; } = [];

    public bool IsDirectory => Kind == NodeKind.Directory;

    public List<TreeNode> Children { get; } = [];

    public NodeKind Kind => _attributes.Kind;

    /// <param name="container">Whose it is.</param>
    /// <param name="cpu">The container's number of the CPU whose it is; <see cref="NodeId.NoCpu"/> for what is no node of a CPU.</param>
    public ulong IdIn(ulong container, int cpu = NodeId.NoCpu) => NodeId.Of(container, Number, IsPerCpu ? cpu : NodeId.NoCpu);

    /// <inheritdoc cref="IdIn"/>
    public NodeAttributes AttributesIn(ulong container, int cpu = NodeId.NoCpu) => _attributes with { NodeId = IdIn(container, cpu) };

    /// <inheritdoc cref="IdIn"/>
    public ulong ParentIdIn(ulong container, int cpu = NodeId.NoCpu) => Number == NodeId.ContainerRoot && container != 0
        ? NodeId.Containers
        : _parent?.IdIn(container, cpu) ?? IdIn(container, cpu);
}
