using ProcFs.Text;

namespace ProcFs.Host;

/// <summary>The host's /proc/meminfo: its lines in its order, and the few numbers that are true for every container.</summary>
internal sealed class HostMeminfo(HostFile file)
{
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

    /// <summary>The text, at most 100 ms old.</summary>
    public ReadOnlySpan<byte> Text => file.Read(HostView.SharedForNs);

    /// <summary>The number of a line of the text by its label, colon included; zero when there is none.</summary>
    public long Value(ReadOnlySpan<byte> label)
    {
        ReadOnlySpan<byte> text = Text;
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith(label))
            {
                line = line[label.Length..];
                return TextLines.NextNumber(ref line);
            }
        }

        return 0;
    }

    private HostMeminfo Parsed()
    {
        _ = Text;
        if (file.Version != _version)
        {
            _version = file.Version;
            _memTotalKb = Value("MemTotal:"u8);
            _swapTotalKb = Value("SwapTotal:"u8);
            _hasHugePages = Value("HugePages_Total:"u8) > 0 || Value("Hugetlb:"u8) > 0;
        }

        return this;
    }
}
