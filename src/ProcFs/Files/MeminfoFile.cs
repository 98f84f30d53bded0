using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Host;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/meminfo. Where each field comes from: docs/fields/meminfo.md.</summary>
internal sealed class MeminfoFile : IProcFile
{
    // show_val_kb of the kernel: label and blanks fill 16 columns, the value 8; some longer labels are printed by hand.
    private const int LabelWidth = 16;
    private const int ValueWidth = 8;
    private const int LongLabelWidth = 19;
    private const int LongLabelValueWidth = 5;

    public string Path => "proc/meminfo";

    public Facts Facts => Facts.Memory;

    public bool ShowsHost(ContainerSnapshot snapshot)
        => snapshot.Resources.MemoryScope == ControllerScope.Root
            || (snapshot.IsHostProcess && !HasLimit(snapshot.Resources));

    /// <summary>The host's lines in the host's order, each with the container's value; a label nobody knows here is zero.</summary>
    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        MemoryView memory = MemoryView.Of(snapshot);
        SwapView swap = SwapView.Of(snapshot);
        HugePagesView hugePages = HugePagesView.Of(snapshot);
        MemoryStat stat = snapshot.Resources.MemoryScope == ControllerScope.Container ? snapshot.Resources.Memory.Stat : default;
        ReadOnlySpan<byte> host = snapshot.Host.Meminfo.Text;
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            int colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                continue;
            }

            ReadOnlySpan<byte> label = line[..colon];
            ReadOnlySpan<byte> rest = line[(colon + 1)..];
            long hostValue = TextLines.NextNumber(ref rest);
            long value = IsMachineConstant(label)
                ? hostValue
                : Value(label, memory, stat) ?? Value(label, swap, hugePages) ?? CommitLimit(label, snapshot.Host, memory, swap);
            WriteLine(output, line[..(colon + 1)], value, isKb: rest.SequenceEqual(" kB"u8));
        }
    }

    private static bool HasLimit(ContainerResources resources)
        => resources.MemoryScope == ControllerScope.Container
            && (resources.Memory.LimitBytes is not null || resources.Memory.Swap?.LimitBytes is not null);

    private static bool IsMachineConstant(ReadOnlySpan<byte> label) => label.SequenceEqual("VmallocTotal"u8) || label.SequenceEqual("Hugepagesize"u8);

    private static void WriteLine(TextBuffer output, ReadOnlySpan<byte> label, long value, bool isKb)
    {
        bool isLong = label.Length > LabelWidth || label.StartsWith("HugePages_"u8);
        output.WritePadded(label, isLong ? LongLabelWidth : LabelWidth);
        output.Write(value, isLong ? LongLabelValueWidth : ValueWidth);
        output.Write(isKb ? " kB\n"u8 : "\n"u8);
    }

    /// <summary>In kB; null for a label that is not about memory in use.</summary>
    private static long? Value(ReadOnlySpan<byte> label, in MemoryView memory, in MemoryStat stat)
    {
        long? bytes = label switch
        {
            _ when label.SequenceEqual("MemTotal"u8) => memory.TotalBytes,
            _ when label.SequenceEqual("MemFree"u8) => memory.FreeBytes,
            _ when label.SequenceEqual("MemAvailable"u8) => memory.AvailableBytes,
            _ when label.SequenceEqual("Cached"u8) => stat.Cache,
            _ when label.SequenceEqual("SwapCached"u8) => stat.SwapCached,
            _ when label.SequenceEqual("Active"u8) => Saturating.Add(stat.ActiveAnon, stat.ActiveFile),
            _ when label.SequenceEqual("Inactive"u8) => Saturating.Add(stat.InactiveAnon, stat.InactiveFile),
            _ when label.SequenceEqual("Active(anon)"u8) => stat.ActiveAnon,
            _ when label.SequenceEqual("Inactive(anon)"u8) => stat.InactiveAnon,
            _ when label.SequenceEqual("Active(file)"u8) => stat.ActiveFile,
            _ when label.SequenceEqual("Inactive(file)"u8) => stat.InactiveFile,
            _ when label.SequenceEqual("Unevictable"u8) => stat.Unevictable,
            _ when label.SequenceEqual("Zswap"u8) => stat.Zswap,
            _ when label.SequenceEqual("Zswapped"u8) => stat.Zswapped,
            _ when label.SequenceEqual("Dirty"u8) => stat.Dirty,
            _ when label.SequenceEqual("Writeback"u8) => stat.Writeback,
            _ when label.SequenceEqual("AnonPages"u8) => stat.Anon,
            _ when label.SequenceEqual("Mapped"u8) => stat.Mapped,
            _ when label.SequenceEqual("Shmem"u8) => stat.Shmem,
            _ when label.SequenceEqual("KReclaimable"u8) => stat.SlabReclaimable,
            _ when label.SequenceEqual("SReclaimable"u8) => stat.SlabReclaimable,
            _ when label.SequenceEqual("SUnreclaim"u8) => stat.SlabUnreclaimable,
            _ when label.SequenceEqual("Slab"u8) => Saturating.Add(stat.SlabReclaimable, stat.SlabUnreclaimable),
            _ when label.SequenceEqual("KernelStack"u8) => stat.KernelStack,
            _ when label.SequenceEqual("PageTables"u8) => stat.PageTables,
            _ when label.SequenceEqual("SecPageTables"u8) => stat.SecPageTables,
            _ when label.SequenceEqual("Percpu"u8) => stat.Percpu,
            _ when label.SequenceEqual("VmallocUsed"u8) => stat.Vmalloc,
            _ when label.SequenceEqual("AnonHugePages"u8) => stat.AnonHuge,
            _ when label.SequenceEqual("ShmemHugePages"u8) => stat.ShmemHuge,
            _ when label.SequenceEqual("FileHugePages"u8) => stat.FileHuge,
            _ => null,
        };
        return bytes / 1024;
    }

    private static long? Value(ReadOnlySpan<byte> label, in SwapView swap, in HugePagesView hugePages) => label switch
    {
        _ when label.SequenceEqual("SwapTotal"u8) => swap.TotalKb,
        _ when label.SequenceEqual("SwapFree"u8) => swap.FreeKb,
        _ when label.SequenceEqual("HugePages_Total"u8) => hugePages.Total,
        _ when label.SequenceEqual("HugePages_Free"u8) => hugePages.Free,
        _ when label.SequenceEqual("Hugetlb"u8) => hugePages.AllSizesKb,
        _ => null,
    };

    /// <summary>proc_sys_vm(5), overcommit_ratio and overcommit_kbytes; zero for every other label.</summary>
    private static long CommitLimit(ReadOnlySpan<byte> label, HostView host, in MemoryView memory, in SwapView swap)
    {
        if (!label.SequenceEqual("CommitLimit"u8))
        {
            return 0;
        }

        long fixedKb = host.OvercommitKbytes;
        long ofMemory = fixedKb != 0 ? fixedKb : Saturating.Scale(memory.TotalBytes / 1024, host.OvercommitRatio, 100);
        return Saturating.Add(ofMemory, swap.TotalKb);
    }
}
