using ProcFs.Cgroups;
using ProcFs.Text;

namespace ProcFs.Sampling;

/// <summary>A container's counters for /proc/vmstat as the kernel has them now.</summary>
internal static class PagingReader
{
    /// <param name="resources">With memory events and block devices.</param>
    /// <param name="hostDiskstats">Names the devices.</param>
    /// <param name="counters">By the numbers of <see cref="PagingLedger"/>; negative: not known.</param>
    public static void Read(ContainerResources resources, ReadOnlySpan<byte> hostDiskstats, Span<long> counters)
    {
        counters.Fill(-1);
        if (resources.OwnMemoryScope == ControllerScope.Container)
        {
            resources.MemoryEvents.CopyTo(counters);
        }

        if (resources.BlockIoScope == ControllerScope.Container)
        {
            (long read, long written) = SumOfDisks(resources.BlockIo, hostDiskstats);
            counters[PagingLedger.In] = read / 1024;
            counters[PagingLedger.Out] = written / 1024;
        }
    }

    /// <summary>
    /// Bytes of all devices but those that are made of others, whose requests are counted there once more. The kernel counts each request once.
    /// </summary>
    private static (long Read, long Written) SumOfDisks(ReadOnlySpan<BlockIoDevice> devices, ReadOnlySpan<byte> host)
    {
        (long read, long written) = (0, 0);
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            if (NumberText.TryParse(TextLines.NextField(ref line), out long major) && NumberText.TryParse(TextLines.NextField(ref line), out long minor)
                && !IsMadeOfOthers(TextLines.NextField(ref line)))
            {
                foreach (ref readonly BlockIoDevice device in devices)
                {
                    if (device.Major == major && device.Minor == minor)
                    {
                        read = Saturating.Add(read, device.ReadBytes);
                        written = Saturating.Add(written, device.WriteBytes);
                    }
                }
            }
        }

        return (read, written);
    }

    /// <summary>Device mapper and RAID.</summary>
    private static bool IsMadeOfOthers(ReadOnlySpan<byte> name) => name.StartsWith("dm-"u8) || name.StartsWith("md"u8);
}
