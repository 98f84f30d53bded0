using System.Buffers.Text;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Metrics;

namespace ProcFs.Tree;

// sys/devices/system/cpu/cpu0 and so on: as many as the reader sees. Who sees how many changes with limits and, in common/, from reader to reader, so the
// kernel is to keep none of these names; what it keeps of the names below is found through them.
internal sealed partial class ProcFileSystem
{
    // In the listing, of the CPU 0. What stands before it may get longer with a later daemon, while somebody lists.
    private const ulong FirstCpuOffset = 1 << 20;

    private SeenCpus See(in RequestContext context)
        => _workers[context.WorkerIndex].Source.See(NodeId.ContainerOf(context.NodeId), context.ThreadId);

    /// <summary>Whether a node of the CPU that the request is about is there.</summary>
    private bool HasCpuNode(in RequestContext context, TreeNode node) => See(context).Has(NodeId.CpuOf(context.NodeId), node);

    private bool TryFindCpu(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes)
    {
        int cpu = ServedTree.FindCpu(name);
        bool isSeen = cpu >= 0 && _tree.Cpu is not null && See(context).Sees(cpu);
        attributes = isSeen ? _tree.Cpu!.AttributesIn(NodeId.ContainerOf(context.NodeId), cpu) with { NameMayChange = true } : default;
        return isSeen;
    }

    /// <summary>An entry's offset goes by its number, so that a listing goes on right while CPUs come and go.</summary>
    private void ListCpus(in SeenCpus seen, ulong container, ulong offset, ref DirectoryWriter writer)
    {
        Span<byte> name = stackalloc byte[16];
        "cpu"u8.CopyTo(name);
        int first = offset < FirstCpuOffset ? 0 : (int)Math.Min(offset - FirstCpuOffset + 1, int.MaxValue);
        for (int cpu = seen.Next(first); cpu >= 0 && cpu <= NodeId.MaxCpu; cpu = seen.Next(cpu + 1))
        {
            Utf8Formatter.TryFormat(cpu, name["cpu"u8.Length..], out int digits);
            if (!writer.TryAdd(_tree.Cpu!.IdIn(container, cpu), FirstCpuOffset + (ulong)cpu, NodeKind.Directory, name[..("cpu"u8.Length + digits)]))
            {
                return;
            }
        }
    }

    /// <summary>A CPU that is not seen any more has no files, also for whoever still holds its directory.</summary>
    private FuseErrno OpenCpuFile(in RequestContext context, TreeNode node, out OpenReply reply)
    {
        bool isThere = !node.IsPerCpu || HasCpuNode(context, node);
        reply = isThere ? new OpenReply(_handles.Open(context.NodeId, context.UniqueId, context.IsResent), OpenReplyFlags.DirectIo) : default;
        return isThere ? FuseErrno.None : FuseErrno.ENOENT;
    }

    /// <summary>An open file of a CPU that is not seen any more keeps its last text; ENODEV, as the kernel says of a CPU that was taken out, when it has none.</summary>
    private FuseErrno ReadCpuFile(CpuFile cpuFile, in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length, out ReadOutcome outcome)
    {
        length = 0;
        outcome = ReadOutcome.Kept;
        if (context.IsForPageCache)
        {
            return FuseErrno.EINVAL; // as with all files whose readers are different containers
        }

        OpenFile? file = _handles.Find(handle, context.NodeId);
        if (file is not null && TryCopyKept(file, handle, context, offset, destination, out length))
        {
            return FuseErrno.None;
        }

        Worker worker = _workers[context.WorkerIndex];
        worker.Scratch.Clear();
        if (!worker.Source.TryRender(cpuFile, NodeId.CpuOf(context.NodeId), NodeId.ContainerOf(context.NodeId), context.ThreadId, worker.Scratch))
        {
            return file is not null && TryCopyLast(file, handle, offset, destination, out length) ? FuseErrno.None : FuseErrno.ENODEV;
        }

        outcome = ReadOutcome.Made;
        length = file is null
            ? Copy(worker.Scratch.Text, offset, destination)
            : Keep(file, handle, context, worker.Scratch.Text, offset, destination);
        return FuseErrno.None;
    }

    private static bool TryCopyLast(OpenFile file, ulong handle, long offset, Span<byte> destination, out int length)
    {
        uint generation = HandleTable.GenerationOf(handle);
        lock (file.Lock)
        {
            bool isThere = file.Generation == generation && file.HasText(generation);
            length = isThere ? Copy(file.TextOf(generation), offset, destination) : 0;
            return isThere;
        }
    }
}
