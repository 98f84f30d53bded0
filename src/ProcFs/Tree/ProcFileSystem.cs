using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Metrics;
using ProcFs.Text;
using ProcFs.Triggers;

namespace ProcFs.Tree;

/// <summary>The served tree as the kernel asks for it: names to node ids, reads to texts.</summary>
internal sealed partial class ProcFileSystem : IFileSystem
{
    // "." and ".." come first in a listing.
    private const ulong FirstChildOffset = 2;

    private readonly ServedTree _tree;
    private readonly HandleTable _handles;
    private readonly Worker[] _workers;
    private readonly PageCache? _pages;
    private readonly PressureTriggers? _triggers;

    /// <param name="tree">What is served.</param>
    /// <param name="workers">How many workers there are.</param>
    /// <param name="snapshots">The open files that keep a text of their own, those of an earlier daemon among them. Not disposed here.</param>
    /// <param name="sourceOf">Makes the source of one worker.</param>
    /// <param name="pages">What the kernel keeps in pages; null: nothing.</param>
    /// <param name="triggers">What is written to files; null: nothing is.</param>
    /// <param name="stats">Where each worker counts; null: nothing is counted.</param>
    public ProcFileSystem(
        ServedTree tree, int workers, SnapshotTable snapshots, Func<int, ITextSource> sourceOf, PageCache? pages = null, PressureTriggers? triggers = null, WorkerStats[]? stats = null)
    {
        _triggers = triggers;
        _tree = tree;
        _pages = pages;
        _handles = new HandleTable(snapshots);
        _workers = [.. Enumerable.Range(0, workers).Select(worker => new Worker(sourceOf(worker), stats?[worker]))];
    }

    /// <summary>Files open now.</summary>
    public int OpenFiles => _handles.Count;

    public FuseErrno Lookup(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes)
    {
        attributes = default;
        if (_tree.Find(context.NodeId) is not { } directory)
        {
            return FuseErrno.ENOENT;
        }

        foreach (TreeNode child in directory.Children)
        {
            if (name.SequenceEqual(child.Name))
            {
                if (child.IsPerCpu && !HasCpuNode(context, child))
                {
                    return FuseErrno.ENOENT;
                }

                attributes = AttributesOf(child, context);
                return FuseErrno.None;
            }
        }

        if (directory.Number == NodeId.SysDevicesSystemCpu && TryFindCpu(context, name, out attributes))
        {
            return FuseErrno.None;
        }

        if (directory.Number == NodeId.Containers && _tree.FindContainer(name) is > 0 and ulong found)
        {
            attributes = _tree.ContainerRoot.AttributesIn(found);
            return FuseErrno.None;
        }

        return directory.IsDirectory ? FuseErrno.ENOENT : FuseErrno.ENOTDIR;
    }

    public FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes)
    {
        TreeNode? node = _tree.Find(context.NodeId);
        attributes = node is null ? default : AttributesOf(node, context);
        return node is null ? FuseErrno.ENOENT : FuseErrno.None;
    }

    public FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
    {
        reply = default;
        if (_tree.Find(context.NodeId) is not { } node)
        {
            return FuseErrno.ENOENT;
        }

        if (node.File is null)
        {
            return node.CpuFile is null ? FuseErrno.EISDIR : OpenCpuFile(context, node, out reply);
        }

        if (NodeId.ContainerOf(context.NodeId) is not 0 and ulong container)
        {
            Worker worker = _workers[context.WorkerIndex];
            if (MayHavePages(node.File, container) && worker.Source.FindStill(node.File, container) is { } still)
            {
                // Without an entry in the table: what is read are pages.
                bool isCurrent = _pages.IsCurrent(context.NodeId, still.Number);
                worker.Stats?.Count(isCurrent ? StatsEvent.PagesKept : StatsEvent.PagesDropped);
                worker.Stats?.CountText(container);
                reply = new OpenReply(0, isCurrent ? OpenReplyFlags.KeepCache : OpenReplyFlags.None);
                return FuseErrno.None;
            }

            worker.Source.Expect(node.File, container);
        }

        // Direct: the page cache of a common file would be shared by all containers.
        reply = new OpenReply(_handles.Open(context.NodeId, context.UniqueId, context.IsResent), OpenReplyFlags.DirectIo);
        return FuseErrno.None;
    }

    public FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
    {
        length = 0;
        if (_tree.Find(context.NodeId) is not { } node)
        {
            return FuseErrno.ENOENT;
        }

        if (node.File is null && node.CpuFile is null)
        {
            return FuseErrno.EISDIR;
        }

        FuseErrno error = node.File is null
            ? ReadCpuFile(node.CpuFile!, context, handle, offset, destination, out length, out ReadOutcome outcome)
            : ReadFile(node.File, context, handle, offset, destination, out length, out outcome);
        _workers[context.WorkerIndex].Stats?.CountRead(node.Number, NodeId.ContainerOf(context.NodeId), error == FuseErrno.None ? outcome : ReadOutcome.Refused);
        return error;
    }

    public bool HasMore(int workerIndex) => _workers[workerIndex].Source.HasMore;

    public void DoMore(int workerIndex) => _workers[workerIndex].Source.DoMore();

    public void Release(in RequestContext context, ulong handle)
    {
        if (IsWritable(context))
        {
            _triggers!.Close(handle);
        }

        _handles.Release(handle);
    }

    public void Withdraw(in RequestContext context, ulong handle) => _handles.Withdraw(handle);

    public FuseErrno ReadDirectory(in RequestContext context, ulong offset, ref DirectoryWriter writer)
    {
        if (_tree.Find(context.NodeId) is not { IsDirectory: true } directory)
        {
            return FuseErrno.ENOTDIR;
        }

        SeenCpus seen = default;
        if (directory.IsPerCpu || directory.Number == NodeId.SysDevicesSystemCpu)
        {
            seen = See(context);
            if (directory.IsPerCpu && !seen.Has(NodeId.CpuOf(context.NodeId), directory))
            {
                return FuseErrno.ENOENT;
            }
        }

        ulong container = NodeId.ContainerOf(context.NodeId);
        int cpu = NodeId.CpuOf(context.NodeId);
        if (offset == 0 && !writer.TryAdd(context.NodeId, 1, NodeKind.Directory, "."u8))
        {
            return FuseErrno.None;
        }

        if (offset <= 1 && !writer.TryAdd(directory.ParentIdIn(container, cpu), FirstChildOffset, NodeKind.Directory, ".."u8))
        {
            return FuseErrno.None;
        }

        if (directory.Number == NodeId.Containers)
        {
            ListContainers(offset, ref writer);
            return FuseErrno.None;
        }

        for (ulong next = Math.Max(offset, FirstChildOffset) - FirstChildOffset; next < (ulong)directory.Children.Count; next++)
        {
            TreeNode child = directory.Children[(int)next];
            if (child.IsPerCpu && !seen.Has(cpu, child))
            {
                continue;
            }

            if (!writer.TryAdd(child.IdIn(container, cpu), next + 1 + FirstChildOffset, child.Kind, child.Name))
            {
                return FuseErrno.None;
            }
        }

        if (directory.Number == NodeId.SysDevicesSystemCpu)
        {
            ListCpus(seen, container, offset, ref writer);
        }

        return FuseErrno.None;
    }

    public bool IsWritable(in RequestContext context) => _triggers is not null && _tree.Find(context.NodeId)?.File?.TriggersOn is not null;

    public FuseErrno Write(in RequestContext context, ulong handle, ReadOnlySpan<byte> data)
    {
        ITextSource source = _workers[context.WorkerIndex].Source;
        return _triggers is not { } triggers || _tree.Find(context.NodeId)?.File is not { TriggersOn: { } resource } file ? FuseErrno.EROFS
            : source.ErrorOf(file) is not FuseErrno.None and var error ? error
            : source.FindView(NodeId.ContainerOf(context.NodeId), context.ThreadId) is { } view ? triggers.Write(context, handle, resource, view, data)
            : FuseErrno.EOPNOTSUPP;
    }

    public void WithdrawWrite(in RequestContext context, ulong handle) => _triggers?.Withdraw(context, handle);

    public FuseErrno Poll(in RequestContext context, ulong handle, ulong pollHandle, out PollEvents events)
    {
        events = IsWritable(context) ? _triggers!.Poll(context, handle, pollHandle) : PollEvents.Default;
        return FuseErrno.None;
    }

    /// <summary>There are no links in this tree.</summary>
    public FuseErrno ReadLink(in RequestContext context, Span<byte> destination, out int length)
    {
        length = 0;
        return FuseErrno.EINVAL;
    }

    /// <summary>An entry's offset goes by its number, so that a listing goes on right while containers come and go.</summary>
    private void ListContainers(ulong offset, ref DirectoryWriter writer)
    {
        Span<byte> name = stackalloc byte[20];
        ulong number = Math.Max(offset, FirstChildOffset) - FirstChildOffset;
        while ((number = _tree.NextContainer(number)) != 0 && Utf8Formatter.TryFormat(number, name, out int length))
        {
            if (!writer.TryAdd(_tree.ContainerRoot.IdIn(number), number + FirstChildOffset, NodeKind.Directory, name[..length]))
            {
                break;
            }
        }
    }

    private FuseErrno ReadFile(IProcFile procFile, in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length, out ReadOutcome outcome)
    {
        length = 0;
        outcome = ReadOutcome.Pages;
        if (context.IsForPageCache)
        {
            // sendfile(2), splice(2) or a mapping of another file. Pages are shared by all readers of the node, and these are different
            // containers. A program that is refused falls back to read(2).
            return MayHavePages(procFile, NodeId.ContainerOf(context.NodeId))
                ? ReadPages(procFile, context, offset, destination, out length)
                : FuseErrno.EINVAL;
        }

        outcome = ReadOutcome.Kept;
        OpenFile? file = _handles.Find(handle, context.NodeId);
        if (file is not null && TryCopyKept(file, handle, context, offset, destination, out length))
        {
            return FuseErrno.None;
        }

        // No lock is held while files of the kernel are read.
        Worker worker = _workers[context.WorkerIndex];
        if (worker.Source.ErrorOf(procFile) is not FuseErrno.None and var error)
        {
            return error;
        }

        Render(worker, procFile, context);
        outcome = worker.Source.LastOutcome;
        if (file is null)
        {
            worker.Stats?.Count(StatsEvent.OpenFileUnknown);
        }

        length = file is null
            ? Copy(worker.Scratch.Text, offset, destination)
            : Keep(file, handle, context, worker.Scratch.Text, offset, destination);
        return FuseErrno.None;
    }

    /// <summary>
    /// Pages of a file that belongs to one container. Open files do not matter: each page is of the text as it is now, also when the container
    /// sees all CPUs of the host by now. Once it has ended there are no more: whoever reads could be in another one.
    /// </summary>
    private FuseErrno ReadPages(IProcFile file, in RequestContext context, long offset, Span<byte> destination, out int length)
    {
        length = 0;
        Worker worker = _workers[context.WorkerIndex];
        ulong container = NodeId.ContainerOf(context.NodeId);
        StillText? still = worker.Source.FindStill(file, container);
        worker.Scratch.Clear();
        if (still is null && !worker.Source.TryRenderOwn(file, container, worker.Scratch))
        {
            return FuseErrno.EINVAL;
        }

        _ = _pages!.IsCurrent(context.NodeId, still?.Number ?? 0);
        length = Copy(still is null ? worker.Scratch.Text : still.Bytes, offset, destination);
        return FuseErrno.None;
    }

    /// <summary>Whether the kernel may keep pages of a file: only its one container reads them, and they hardly ever change.</summary>
    [MemberNotNullWhen(true, nameof(_pages))]
    private bool MayHavePages(IProcFile? file, ulong container) => container != 0 && file is { GoesByCpusAlone: true } && _pages is { IsUsable: true };

    /// <summary>Where pages are kept, the size is that of the text: they end there.</summary>
    private NodeAttributes AttributesOf(TreeNode node, in RequestContext context)
    {
        ulong container = NodeId.ContainerOf(context.NodeId);
        NodeAttributes attributes = node.AttributesIn(container, NodeId.CpuOf(context.NodeId));
        if (!MayHavePages(node.File, container))
        {
            return attributes;
        }

        StillText? still = _workers[context.WorkerIndex].Source.FindStill(node.File!, container);
        attributes = attributes with { MayChange = true, Version = _pages.VersionOf(attributes.NodeId, still?.Number ?? 0) };
        return still is null ? attributes : attributes with { Size = still.Bytes.Length };
    }

    private static bool TryCopyKept(OpenFile file, ulong handle, in RequestContext context, long offset, Span<byte> destination, out int length)
    {
        lock (file.Lock)
        {
            bool isKept = IsKept(file, HandleTable.GenerationOf(handle), context, offset);
            length = isKept ? Copy(file.TextOf(HandleTable.GenerationOf(handle)), offset, destination) : 0;
            return isKept;
        }
    }

    /// <summary>
    /// Whether the text that is there is the answer: for a later offset any is that was made for this open file; at offset 0 the one made for
    /// this READ, or for a later one. A READ that is executed once more may have been answered already: its reader goes on in the text it knows.
    /// </summary>
    private static bool IsKept(OpenFile file, uint generation, in RequestContext context, long offset)
        => file.Generation == generation && (offset == 0 ? file.HasTextFor(generation, context.UniqueId) : file.HasText(generation));

    /// <summary>Keeps a text that was just made, and copies out of it; out of the one that another worker has kept meanwhile, if that is the answer as well.</summary>
    private int Keep(OpenFile file, ulong handle, in RequestContext context, ReadOnlySpan<byte> made, long offset, Span<byte> destination)
    {
        uint generation = HandleTable.GenerationOf(handle);
        lock (file.Lock)
        {
            // One that was given away meanwhile holds, or will hold, somebody else's text.
            bool isKept = IsKept(file, generation, context, offset)
                || (file.Generation == generation && _handles.TryKeep(file, handle, context.UniqueId, made));
            return Copy(isKept ? file.TextOf(generation) : made, offset, destination);
        }
    }

    private static void Render(Worker worker, IProcFile file, in RequestContext context)
    {
        worker.Scratch.Clear();
        worker.Source.Render(file, NodeId.ContainerOf(context.NodeId), context.ThreadId, worker.Scratch);
    }

    /// <summary>Nothing at or beyond the end, however far.</summary>
    private static int Copy(ReadOnlySpan<byte> text, long offset, Span<byte> destination)
    {
        if (offset >= text.Length)
        {
            return 0;
        }

        ReadOnlySpan<byte> rest = text[(int)offset..];
        int length = Math.Min(rest.Length, destination.Length);
        rest[..length].CopyTo(destination);
        return length;
    }

    private sealed class Worker(ITextSource source, WorkerStats? stats)
    {
        public ITextSource Source { get; } = source;

        public WorkerStats? Stats { get; } = stats;

        public TextBuffer Scratch { get; } = new();
    }
}
