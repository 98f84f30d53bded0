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
        ReadOnlySpan<byte> text = snapshot.Host.Meminfo.Read(out IReadOnlyList<MeminfoLine> lines);
        for (int i = 0; i < lines.Count; i++)
        {
            MeminfoLine line = lines[i];
            long value = line.Label switch
            {
                MeminfoLabel.VmallocTotal or MeminfoLabel.HugePageSize => line.Value,
                MeminfoLabel.SwapTotal => swap.TotalKb,
                MeminfoLabel.SwapFree => swap.FreeKb,
                MeminfoLabel.HugePagesTotal => hugePages.Total,
                MeminfoLabel.HugePagesFree => hugePages.Free,
                MeminfoLabel.Hugetlb => hugePages.AllSizesKb,
                MeminfoLabel.CommitLimit => CommitLimit(snapshot.Host, memory, swap),
                _ => Bytes(line.Label, memory, stat) / 1024,
            };
            WriteLine(output, text.Slice(line.Start, line.LabelLength), value, line.IsKb);
        }
    }

    private static bool HasLimit(ContainerResources resources)
        => resources.MemoryScope == ControllerScope.Container
            && (resources.Memory.LimitBytes is not null || resources.Memory.Swap?.LimitBytes is not null);

    private static void WriteLine(TextBuffer output, ReadOnlySpan<byte> label, long value, bool isKb)
    {
        bool isLong = label.Length > LabelWidth || label.StartsWith("HugePages_"u8);
        output.WritePadded(label, isLong ? LongLabelWidth : LabelWidth);
        output.Write(value, isLong ? LongLabelValueWidth : ValueWidth);
        output.Write(isKb ? " kB\n"u8 : "\n"u8);
    }

    /// <summary>Zero for a line that is not about a container's memory in use, and for one that nobody knows here.</summary>
    private static long Bytes(MeminfoLabel label, in MemoryView memory, in MemoryStat stat) => label switch
    {
        MeminfoLabel.MemTotal => memory.TotalBytes,
        MeminfoLabel.MemFree => memory.FreeBytes,
        MeminfoLabel.MemAvailable => memory.AvailableBytes,
        MeminfoLabel.Cached => stat.Cache,
        MeminfoLabel.SwapCached => stat.SwapCached,
        MeminfoLabel.Active => Saturating.Add(stat.ActiveAnon, stat.ActiveFile),
        MeminfoLabel.Inactive => Saturating.Add(stat.InactiveAnon, stat.InactiveFile),
        MeminfoLabel.ActiveAnon => stat.ActiveAnon,
        MeminfoLabel.InactiveAnon => stat.InactiveAnon,
        MeminfoLabel.ActiveFile => stat.ActiveFile,
        MeminfoLabel.InactiveFile => stat.InactiveFile,
        MeminfoLabel.Unevictable => stat.Unevictable,
        MeminfoLabel.Zswap => stat.Zswap,
        MeminfoLabel.Zswapped => stat.Zswapped,
        MeminfoLabel.Dirty => stat.Dirty,
        MeminfoLabel.Writeback => stat.Writeback,
        MeminfoLabel.AnonPages => stat.Anon,
        MeminfoLabel.Mapped => stat.Mapped,
        MeminfoLabel.Shmem => stat.Shmem,
        MeminfoLabel.KReclaimable or MeminfoLabel.SReclaimable => stat.SlabReclaimable,
        MeminfoLabel.SUnreclaim => stat.SlabUnreclaimable,
        MeminfoLabel.Slab => Saturating.Add(stat.SlabReclaimable, stat.SlabUnreclaimable),
        MeminfoLabel.KernelStack => stat.KernelStack,
        MeminfoLabel.PageTables => stat.PageTables,
        MeminfoLabel.SecPageTables => stat.SecPageTables,
        MeminfoLabel.Percpu => stat.Percpu,
        MeminfoLabel.VmallocUsed => stat.Vmalloc,
        MeminfoLabel.AnonHugePages => stat.AnonHuge,
        MeminfoLabel.ShmemHugePages => stat.ShmemHuge,
        MeminfoLabel.FileHugePages => stat.FileHuge,
        _ => 0,
    };

    /// <summary>In kB: proc_sys_vm(5), overcommit_ratio and overcommit_kbytes.</summary>
    private static long CommitLimit(HostView host, in MemoryView memory, in SwapView swap)
    {
        long fixedKb = host.OvercommitKbytes;
        long ofMemory = fixedKb != 0 ? fixedKb : Saturating.Scale(memory.TotalBytes / 1024, host.OvercommitRatio, 100);
        return Saturating.Add(ofMemory, swap.TotalKb);
    }
}
