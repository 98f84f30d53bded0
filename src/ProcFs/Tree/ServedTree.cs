using System.Buffers.Text;
using ProcFs.Files;

namespace ProcFs.Tree;

/// <summary>
/// What is served: common/ with the view of whoever reads, and c/NUMBER with that of one registered container. Both hold proc/… and
/// sys/devices/system/cpu/…, as lxcfs lays them out. Only common/ is ever mounted where others see it as a tree.
/// </summary>
internal sealed class ServedTree
{
    private static readonly (string Path, ushort Number)[] Directories =
    [
        ("proc", NodeId.Proc),
        ("proc/pressure", NodeId.ProcPressure),
        ("sys", NodeId.Sys),
        ("sys/devices", NodeId.SysDevices),
        ("sys/devices/system", NodeId.SysDevicesSystem),
        ("sys/devices/system/cpu", NodeId.SysDevicesSystemCpu),
    ];

    private readonly Dictionary<ushort, TreeNode> _nodes = [];
    private readonly IContainerNumbers _containers;

    /// <param name="sizeOf">What stat(2) says of a file's size, in bytes, by its path.</param>
    /// <param name="containers">Which directories c/ has.</param>
    /// <param name="files">What this host serves; null: all there is.</param>
    /// <param name="hasBesideCpus">Whether the host has a file or directory below sys/devices/system/cpu that belongs to no single CPU; null: all there are.</param>
    public ServedTree(
        Func<string, long> sizeOf, IContainerNumbers containers, IReadOnlyList<(ushort Number, IProcFile File)>? files = null, Func<string, bool>? hasBesideCpus = null)
    {
        files ??= ProcFiles.All;
        _containers = containers;
        TreeNode root = Add(new TreeNode("", NodeId.Root, null));
        ContainerRoot = Add(new TreeNode("common", NodeId.ContainerRoot, root));
        Add(new TreeNode("c", NodeId.Containers, root));
        Dictionary<string, TreeNode> byPath = new() { [""] = ContainerRoot };
        foreach ((string path, ushort number) in Directories)
        {
            if (files.Any(entry => entry.File.Path.StartsWith(path + "/", StringComparison.Ordinal)))
            {
                byPath.Add(path, Add(new TreeNode(Path.GetFileName(path), number, byPath[Path.GetDirectoryName(path)!])));
            }
        }

        foreach ((ushort number, IProcFile file) in files)
        {
            Add(new TreeNode(Path.GetFileName(file.Path), number, byPath[Path.GetDirectoryName(file.Path)!], file, sizeOf(file.Path)));
        }

        if (byPath.TryGetValue("sys/devices/system/cpu", out TreeNode? cpus))
        {
            Cpu = Add(TreeNode.OfCpuDirectory("", CpuFiles.CpuDirectory, cpus));
            AddCpuFiles(cpus, Cpu, hasBesideCpus ?? (_ => true));
        }
    }

    /// <summary>The directory that stands for a container's "/".</summary>
    public TreeNode ContainerRoot { get; }

    /// <summary>The directory of a CPU, of which sys/devices/system/cpu has as many as the reader sees; null: this host serves none.</summary>
    public TreeNode? Cpu { get; }

    /// <summary>
    /// Null for an id that nothing has. A number that is not registered, or no more, has files all the same: whoever still holds one gets
    /// the view of its own container.
    /// </summary>
    public TreeNode? Find(ulong nodeId)
    {
        TreeNode? node = _nodes.GetValueOrDefault(NodeId.FileOf(nodeId));
        bool isOfCpu = NodeId.CpuOf(nodeId) != NodeId.NoCpu;
        return node is null || node.IsPerCpu != isOfCpu || (NodeId.ContainerOf(nodeId) != 0 && node is { Number: NodeId.Root or NodeId.Containers }) ? null : node;
    }

    /// <summary>The CPU that a name beside the CPUs' files stands for: cpu0 and so on, no leading zeros. Whether anybody sees it is not said. -1: none.</summary>
    public static int FindCpu(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> digits = name.StartsWith("cpu"u8) ? name["cpu"u8.Length..] : default;
        bool isNumber = digits.Length > 0 && (digits[0] is >= (byte)'1' and <= (byte)'9' || digits.SequenceEqual("0"u8));
        return isNumber && Utf8Parser.TryParse(digits, out int number, out int length) && length == digits.Length && number <= NodeId.MaxCpu ? number : NodeId.NoCpu;
    }

    /// <summary>The container that a name in c/ stands for; 0 when there is none.</summary>
    public ulong FindContainer(ReadOnlySpan<byte> name)
    {
        // As it is listed: no sign, no leading zero, so that each has one name.
        bool isNumber = name.Length > 0 && name[0] is >= (byte)'1' and <= (byte)'9';
        return isNumber && Utf8Parser.TryParse(name, out ulong number, out int length) && length == name.Length
            && number <= NodeId.MaxContainer && _containers.IsKnown(number) ? number : 0;
    }

    /// <summary>The next directory of c/ in the order of their numbers; 0 when there is none.</summary>
    public ulong NextContainer(ulong after) => _containers.Next(after);

    private void AddCpuFiles(TreeNode cpus, TreeNode cpu, Func<string, bool> hasBesideCpus)
    {
        Dictionary<string, TreeNode> perCpu = new() { [""] = cpu };
        foreach ((ushort number, string path) in CpuFiles.CpuDirectories)
        {
            perCpu.Add(path, Add(TreeNode.OfCpuDirectory(path, number, perCpu[Path.GetDirectoryName(path)!])));
        }

        Dictionary<string, TreeNode> beside = new() { [""] = cpus };
        foreach ((ushort number, string path) in CpuFiles.Directories)
        {
            if (hasBesideCpus(path))
            {
                beside.Add(path, Add(new TreeNode(path, number, cpus)));
            }
        }

        foreach (CpuFile file in CpuFiles.All)
        {
            if (file.IsPerCpu || file.Text == CpuText.Empty || hasBesideCpus(file.Path))
            {
                Add(TreeNode.OfCpuFile(file, (file.IsPerCpu ? perCpu : beside)[Path.GetDirectoryName(file.Path)!]));
            }
        }
    }

    private TreeNode Add(TreeNode node)
    {
        _nodes.Add(node.Number, node);
        return node;
    }
}
