using ProcFs.Cgroups.V2;

namespace ProcFs.Cgroups;

/// <summary>The levels that feed each controller of one container. Made while the tree's lock is held.</summary>
internal sealed class ContainerChains
{
    private readonly CgroupTree _tree;
    private readonly CgroupPaths _paths;

    public ContainerChains(CgroupTree tree, CgroupPaths paths)
    {
        _tree = tree;
        _paths = paths;
        Memory = Chain(Controller.Memory, static level => level.Memory);
        Hugetlb = Chain(Controller.Hugetlb, static level => level.Hugetlb);
        Cpu = Chain(Controller.Cpu, static level => level.Cpu);
        CpuAcct = Chain(Controller.CpuAcct, static level => level.CpuAcct, upwards: false);
        CpuSet = Chain(Controller.CpuSet, static level => level.CpuSet, withRoot: true);
        BlockIo = Chain(Controller.BlockIo, static level => level.BlockIo, upwards: false);
        Pressure = UnifiedChain(static level => level.Pressure);
        PressureDirectory = Pressure.Scope == ControllerScope.Container ? tree.LevelAt(tree.Layout.Unified!, paths[tree.Layout.Unified!]!).Directory : null;
        Identity = KeyDirectory();
        Processes = ProcessDirectory();
    }

    public LevelChain<IMemoryReader> Memory { get; }

    public LevelChain<IHugetlbReader> Hugetlb { get; }

    public LevelChain<ICpuReader> Cpu { get; }

    /// <summary>The container's own level only: what an ancestor used is not the container's.</summary>
    public LevelChain<ICpuAcctReader> CpuAcct { get; }

    /// <summary>The root is a level too: on v2 it lacks the CPUs that were given away to partitions.</summary>
    public LevelChain<ICpuSetReader> CpuSet { get; }

    /// <summary>The container's own level only, see <see cref="CpuAcct"/>.</summary>
    public LevelChain<IBlockIoReader> BlockIo { get; }

    /// <summary>The container's own level of the v2 hierarchy, whichever controllers that has.</summary>
    public LevelChain<PressureV2> Pressure { get; }

    /// <summary>Where that is; null: there is none but the root.</summary>
    public CgroupDirectory? PressureDirectory { get; }

    /// <summary>The directory that names the container; null when it has no path but the root anywhere.</summary>
    public CgroupDirectory? Identity { get; }

    /// <summary>The directory whose processes are the container's; null when its path is the root everywhere.</summary>
    public CgroupDirectory? Processes { get; }

    private LevelChain<TReader> Chain<TReader>(Controller controller, Func<CgroupLevel, TReader> readerOf, bool upwards = true, bool withRoot = false)
        where TReader : class
    {
        return Chain(_tree.Layout.HierarchyOf(controller), readerOf, upwards, withRoot);
    }

    private LevelChain<TReader> UnifiedChain<TReader>(Func<CgroupLevel, TReader> readerOf)
        where TReader : class
        => Chain(_tree.Layout.Unified, readerOf, upwards: false, withRoot: false);

    private LevelChain<TReader> Chain<TReader>(CgroupHierarchy? hierarchy, Func<CgroupLevel, TReader> readerOf, bool upwards, bool withRoot)
        where TReader : class
    {
        if (hierarchy is null || _paths[hierarchy] is not { } path)
        {
            return new LevelChain<TReader>(ControllerScope.Absent, [], readerOf);
        }

        if (path == CgroupPath.Root)
        {
            return new LevelChain<TReader>(ControllerScope.Root, [], readerOf);
        }

        List<CgroupLevel> levels = [_tree.LevelAt(hierarchy, path)];
        for (string? above = upwards ? CgroupPath.Parent(path) : null; above is not null; above = CgroupPath.Parent(above))
        {
            if (above != CgroupPath.Root || withRoot)
            {
                levels.Add(_tree.LevelAt(hierarchy, above));
            }
        }

        return new LevelChain<TReader>(ControllerScope.Container, [.. levels], readerOf);
    }

    private CgroupDirectory? KeyDirectory()
    {
        IEnumerable<CgroupHierarchy?> order =
            [_tree.Layout.HierarchyOf(Controller.CpuAcct), _tree.Layout.HierarchyOf(Controller.Memory), .. _tree.Layout.Hierarchies];
        foreach (CgroupHierarchy? hierarchy in order)
        {
            // A root is everybody's, and names nobody.
            if (hierarchy is not null && _paths[hierarchy] is { } path && path != CgroupPath.Root)
            {
                return _tree.LevelAt(hierarchy, path).Directory;
            }
        }

        return null;
    }

    private CgroupDirectory? ProcessDirectory()
    {
        CgroupLayout layout = _tree.Layout;
        IEnumerable<CgroupHierarchy?> order =
        [
            layout.Unified, layout.HierarchyOf(Controller.Memory), layout.HierarchyOf(Controller.CpuAcct), layout.HierarchyOf(Controller.Cpu),
            .. layout.Hierarchies,
        ];
        foreach (CgroupHierarchy? hierarchy in order)
        {
            if (hierarchy is not null && _paths[hierarchy] is { } path && path != CgroupPath.Root)
            {
                return _tree.LevelAt(hierarchy, path).Directory;
            }
        }

        return null;
    }
}
