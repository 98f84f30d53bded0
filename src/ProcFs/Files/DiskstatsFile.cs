using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/diskstats: the devices that the container used, with its own numbers. docs/fields/diskstats.md.</summary>
internal sealed class DiskstatsFile : IProcFile
{
    private const long SectorBytes = 512;
    private const long MillisecondNs = 1_000_000;

    public string Path => "proc/diskstats";

    public Facts Facts => Facts.BlockIo;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.IsHostProcess || snapshot.Resources.BlockIoScope == ControllerScope.Root;

    /// <summary>The host's lines give names, order and the number of columns; a device without an entry has no line.</summary>
    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        if (snapshot.Resources.BlockIoScope != ControllerScope.Container)
        {
            return;
        }

        ReadOnlySpan<BlockIoDevice> devices = snapshot.Resources.BlockIo;
        ReadOnlySpan<byte> host = snapshot.Host.Diskstats.Read(Host.HostView.SharedForNs);
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            if (NumberText.TryParse(TextLines.NextField(ref line), out long major) && NumberText.TryParse(TextLines.NextField(ref line), out long minor))
            {
                ReadOnlySpan<byte> name = TextLines.NextField(ref line);
                int columns = CountFields(line);
                foreach (ref readonly BlockIoDevice device in devices)
                {
                    if (device.Major == major && device.Minor == minor)
                    {
                        WriteLine(output, device, name, columns);
                    }
                }
            }
        }
    }

    /// <summary>"%4d %7d name" and 11, 15 (Linux 4.18: discards) or 17 (5.5: flushes) numbers: iostats of the kernel's documentation.</summary>
    private static void WriteLine(TextBuffer output, in BlockIoDevice device, ReadOnlySpan<byte> name, int columns)
    {
        output.Write(device.Major, 4);
        output.Write((byte)' ');
        output.Write(device.Minor, 7);
        output.Write((byte)' ');
        output.Write(name);
        ReadOnlySpan<long> numbers =
        [
            device.Reads, device.ReadsMerged, device.ReadBytes / SectorBytes, device.ReadTimeNs / MillisecondNs,
            device.Writes, device.WritesMerged, device.WriteBytes / SectorBytes, device.WriteTimeNs / MillisecondNs,
            0, device.ServiceTimeNs / MillisecondNs, 0,
            device.Discards, device.DiscardsMerged, device.DiscardBytes / SectorBytes, device.DiscardTimeNs / MillisecondNs,
            0, 0,
        ];
        for (int i = 0; i < columns; i++)
        {
            output.Write((byte)' ');
            output.Write(i < numbers.Length ? numbers[i] : 0);
        }

        output.Write((byte)'\n');
    }

    private static int CountFields(ReadOnlySpan<byte> line)
    {
        int count = 0;
        while (!TextLines.NextField(ref line).IsEmpty)
        {
            count++;
        }

        return count;
    }
}
