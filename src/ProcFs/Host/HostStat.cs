using ProcFs.Cgroups;
using ProcFs.Text;

namespace ProcFs.Host;

/// <summary>The host's /proc/stat: the keys it has, their order, and its boot time.</summary>
internal sealed class HostStat(HostFile file)
{
    // Only the set of lines and btime are taken from it, and reading it costs a walk over all interrupts of all CPUs.
    private const long MaxAgeNs = 1_000_000_000;

    /// <summary>The text, at most a second old.</summary>
    public ReadOnlySpan<byte> Text => file.Read(MaxAgeNs);

    /// <summary>btime: seconds since the epoch at boot; zero when the file has no such line.</summary>
    public long BootTimeSeconds
    {
        get
        {
            ReadOnlySpan<byte> text = Text;
            while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
            {
                if (TextLines.NextField(ref line).SequenceEqual("btime"u8))
                {
                    return TextLines.NextNumber(ref line);
                }
            }

            return 0;
        }
    }

    /// <summary>The CPUs that have a line; empty when the file has none.</summary>
    public CpuSet OnlineCpus()
    {
        List<long> cpus = [];
        ReadOnlySpan<byte> text = Text;
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line) && line.StartsWith("cpu"u8))
        {
            if (NumberText.TryParse(TextLines.NextField(ref line)["cpu".Length..], out long number))
            {
                cpus.Add(number);
            }
        }

        return CpuSet.TryParse(string.Join(',', cpus), out CpuSet set) ? set : CpuSet.Empty;
    }
}
