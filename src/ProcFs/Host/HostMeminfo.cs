using ProcFs.Text;

namespace ProcFs.Host;

/// <summary>The host's /proc/meminfo: its lines in its order, and the few numbers that are true for every container.</summary>
internal sealed class HostMeminfo(HostFile file)
{
    // Containers are shown the set of lines, two totals and two constants of it: none of these moves while nobody plugs memory or swap.
    private const long StillForNs = 1_000_000_000;

    private readonly List<MeminfoLine> _lines = [];
    private int _version;
    private long _memTotalKb;
    private long _swapTotalKb;
    private bool _hasHugePages;

    /// <summary>MemTotal in kB.</summary>
    public long MemTotalKb => Parsed()._memTotalKb;

    /// <summary>SwapTotal in kB.</summary>
    public long SwapTotalKb => Parsed()._swapTotalKb;

    /// <summary>The host has set huge pages aside; where it has none, no container has any.</summary>
    public bool HasHugePages => Parsed()._hasHugePages;

    // 100 ms where huge pages come and go.
    private ReadOnlySpan<byte> Text => file.Read(_hasHugePages ? HostView.SharedForNs : StillForNs);

    /// <summary>The text and its lines in its order, but for those without a colon. At most a second old; valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(out IReadOnlyList<MeminfoLine> lines)
    {
        ReadOnlySpan<byte> text = Text;
        ParseIfNew(text);
        lines = _lines;
        return text;
    }

    /// <summary>The number of a line of the text; zero when there is none.</summary>
    public long Value(MeminfoLabel label) => Parsed().ValueOf(label);

    private long ValueOf(MeminfoLabel label)
    {
        foreach (MeminfoLine line in _lines)
        {
            if (line.Label == label)
            {
                return line.Value;
            }
        }

        return 0;
    }

    private HostMeminfo Parsed()
    {
        ParseIfNew(Text);
        return this;
    }

    private void ParseIfNew(ReadOnlySpan<byte> text)
    {
        if (file.Version != _version)
        {
            _version = file.Version;
            Parse(text);
            _memTotalKb = ValueOf(MeminfoLabel.MemTotal);
            _swapTotalKb = ValueOf(MeminfoLabel.SwapTotal);
            _hasHugePages = ValueOf(MeminfoLabel.HugePagesTotal) > 0 || ValueOf(MeminfoLabel.Hugetlb) > 0;
        }
    }

    private void Parse(ReadOnlySpan<byte> text)
    {
        _lines.Clear();
        ReadOnlySpan<byte> left = text;
        while (text.Length - left.Length is int start && TextLines.TryReadLine(ref left, out ReadOnlySpan<byte> line))
        {
            int colon = line.IndexOf((byte)':');
            if (colon > 0)
            {
                ReadOnlySpan<byte> rest = line[(colon + 1)..];
                long value = TextLines.NextNumber(ref rest);
                _lines.Add(new MeminfoLine(start, colon + 1, LabelOf(line[..colon]), value, rest.SequenceEqual(" kB"u8)));
            }
        }
    }

    private static MeminfoLabel LabelOf(ReadOnlySpan<byte> label) => label switch
    {
        _ when label.SequenceEqual("MemTotal"u8) => MeminfoLabel.MemTotal,
        _ when label.SequenceEqual("MemFree"u8) => MeminfoLabel.MemFree,
        _ when label.SequenceEqual("MemAvailable"u8) => MeminfoLabel.MemAvailable,
        _ when label.SequenceEqual("Cached"u8) => MeminfoLabel.Cached,
        _ when label.SequenceEqual("SwapCached"u8) => MeminfoLabel.SwapCached,
        _ when label.SequenceEqual("Active"u8) => MeminfoLabel.Active,
        _ when label.SequenceEqual("Inactive"u8) => MeminfoLabel.Inactive,
        _ when label.SequenceEqual("Active(anon)"u8) => MeminfoLabel.ActiveAnon,
        _ when label.SequenceEqual("Inactive(anon)"u8) => MeminfoLabel.InactiveAnon,
        _ when label.SequenceEqual("Active(file)"u8) => MeminfoLabel.ActiveFile,
        _ when label.SequenceEqual("Inactive(file)"u8) => MeminfoLabel.InactiveFile,
        _ when label.SequenceEqual("Unevictable"u8) => MeminfoLabel.Unevictable,
        _ when label.SequenceEqual("SwapTotal"u8) => MeminfoLabel.SwapTotal,
        _ when label.SequenceEqual("SwapFree"u8) => MeminfoLabel.SwapFree,
        _ when label.SequenceEqual("Zswap"u8) => MeminfoLabel.Zswap,
        _ when label.SequenceEqual("Zswapped"u8) => MeminfoLabel.Zswapped,
        _ when label.SequenceEqual("Dirty"u8) => MeminfoLabel.Dirty,
        _ when label.SequenceEqual("Writeback"u8) => MeminfoLabel.Writeback,
        _ when label.SequenceEqual("AnonPages"u8) => MeminfoLabel.AnonPages,
        _ when label.SequenceEqual("Mapped"u8) => MeminfoLabel.Mapped,
        _ when label.SequenceEqual("Shmem"u8) => MeminfoLabel.Shmem,
        _ when label.SequenceEqual("KReclaimable"u8) => MeminfoLabel.KReclaimable,
        _ when label.SequenceEqual("Slab"u8) => MeminfoLabel.Slab,
        _ when label.SequenceEqual("SReclaimable"u8) => MeminfoLabel.SReclaimable,
        _ when label.SequenceEqual("SUnreclaim"u8) => MeminfoLabel.SUnreclaim,
        _ when label.SequenceEqual("KernelStack"u8) => MeminfoLabel.KernelStack,
        _ when label.SequenceEqual("PageTables"u8) => MeminfoLabel.PageTables,
        _ when label.SequenceEqual("SecPageTables"u8) => MeminfoLabel.SecPageTables,
        _ when label.SequenceEqual("CommitLimit"u8) => MeminfoLabel.CommitLimit,
        _ when label.SequenceEqual("VmallocTotal"u8) => MeminfoLabel.VmallocTotal,
        _ when label.SequenceEqual("VmallocUsed"u8) => MeminfoLabel.VmallocUsed,
        _ when label.SequenceEqual("Percpu"u8) => MeminfoLabel.Percpu,
        _ when label.SequenceEqual("AnonHugePages"u8) => MeminfoLabel.AnonHugePages,
        _ when label.SequenceEqual("ShmemHugePages"u8) => MeminfoLabel.ShmemHugePages,
        _ when label.SequenceEqual("FileHugePages"u8) => MeminfoLabel.FileHugePages,
        _ when label.SequenceEqual("HugePages_Total"u8) => MeminfoLabel.HugePagesTotal,
        _ when label.SequenceEqual("HugePages_Free"u8) => MeminfoLabel.HugePagesFree,
        _ when label.SequenceEqual("Hugepagesize"u8) => MeminfoLabel.HugePageSize,
        _ when label.SequenceEqual("Hugetlb"u8) => MeminfoLabel.Hugetlb,
        _ => MeminfoLabel.Other,
    };
}
