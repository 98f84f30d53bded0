using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/vmstat: the container's memory in pages, and its counters of paging and reclaim. docs/fields/vmstat.md.</summary>
internal sealed class VmstatFile : IProcFile
{
    private static readonly long PageBytes = Environment.SystemPageSize;

    // A table of pages is one page of 8-byte entries: what it maps is one huge page.
    private static readonly long HugePageBytes = PageBytes * (PageBytes / 8);

    public string Path => "proc/vmstat";

    public Facts Facts => Facts.Memory | Facts.BlockIo | Facts.Paging;

    public bool OnlyIfHostHas => true;

    /// <summary>As meminfo: the two are read together.</summary>
    public bool ShowsHost(ContainerSnapshot snapshot) => ProcFiles.Meminfo.ShowsHost(snapshot);

    /// <summary>The host's keys in the host's order; zero where a cgroup has no such number.</summary>
    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        MemoryView memory = MemoryView.Of(snapshot);
        MemoryStat stat = snapshot.Resources.MemoryScope == ControllerScope.Container ? snapshot.Resources.Memory.Stat : default;
        ReadOnlySpan<byte> host = snapshot.Host.Vmstat.Read(Host.HostView.SharedForNs);
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> key = TextLines.NextField(ref line);
            if (!key.IsEmpty)
            {
                output.Write(key);
                output.Write((byte)' ');
                output.Write(key.StartsWith("nr_"u8) ? Gauge(key["nr_".Length..], memory, stat) : Counter(key, snapshot.Paging));
                output.Write((byte)'\n');
            }
        }
    }

    private static long Counter(ReadOnlySpan<byte> key, ReadOnlySpan<long> counters)
    {
        int number = key.SequenceEqual("pgpgin"u8) ? PagingLedger.In
            : key.SequenceEqual("pgpgout"u8) ? PagingLedger.Out
            : MemoryEvents.Find(key);
        return number >= 0 ? counters[number] : 0;
    }

    private static long Gauge(ReadOnlySpan<byte> key, in MemoryView memory, in MemoryStat stat)
    {
        // A container's pages are not told by zone: those of all zones are those of the node.
        bool isOfZone = key.StartsWith("zone_"u8);
        key = isOfZone ? key["zone_".Length..] : key;
        return key switch
        {
            _ when key.SequenceEqual("inactive_anon"u8) => stat.InactiveAnon / PageBytes,
            _ when key.SequenceEqual("active_anon"u8) => stat.ActiveAnon / PageBytes,
            _ when key.SequenceEqual("inactive_file"u8) => stat.InactiveFile / PageBytes,
            _ when key.SequenceEqual("active_file"u8) => stat.ActiveFile / PageBytes,
            _ when key.SequenceEqual("unevictable"u8) => stat.Unevictable / PageBytes,
            _ when isOfZone => key.SequenceEqual("write_pending"u8) ? Saturating.Add(stat.Dirty, stat.Writeback) / PageBytes : 0,
            _ when key.SequenceEqual("free_pages"u8) => memory.FreeBytes / PageBytes,
            _ when key.SequenceEqual("slab_reclaimable"u8) => stat.SlabReclaimable / PageBytes,
            _ when key.SequenceEqual("slab_unreclaimable"u8) => stat.SlabUnreclaimable / PageBytes,
            _ when key.SequenceEqual("anon_pages"u8) => stat.Anon / PageBytes,
            _ when key.SequenceEqual("mapped"u8) => stat.Mapped / PageBytes,
            // Unlike meminfo's Cached, this has the swap cache in it.
            _ when key.SequenceEqual("file_pages"u8) => Saturating.Add(stat.Cache, stat.SwapCached) / PageBytes,
            _ when key.SequenceEqual("dirty"u8) => stat.Dirty / PageBytes,
            _ when key.SequenceEqual("writeback"u8) => stat.Writeback / PageBytes,
            _ when key.SequenceEqual("shmem"u8) => stat.Shmem / PageBytes,
            _ when key.SequenceEqual("shmem_hugepages"u8) => stat.ShmemHuge / HugePageBytes,
            _ when key.SequenceEqual("file_hugepages"u8) => stat.FileHuge / HugePageBytes,
            _ when key.SequenceEqual("anon_transparent_hugepages"u8) => stat.AnonHuge / HugePageBytes,
            _ when key.SequenceEqual("kernel_stack"u8) => stat.KernelStack / 1024,
            _ when key.SequenceEqual("page_table_pages"u8) => stat.PageTables / PageBytes,
            _ when key.SequenceEqual("sec_page_table_pages"u8) => stat.SecPageTables / PageBytes,
            _ when key.SequenceEqual("swapcached"u8) => stat.SwapCached / PageBytes,
            _ => 0,
        };
    }
}
