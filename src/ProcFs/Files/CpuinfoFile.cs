using System.Buffers;
using System.Buffers.Text;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// /proc/cpuinfo: the host's blocks of the visible CPUs, renumbered (or not, as cpuNumbering says). Lines that belong to no block stay, so a layout unknown
/// here passes through whole. docs/fields/cpuinfo.md.
/// </summary>
internal sealed class CpuinfoFile : IProcFile
{
    public string Path => "proc/cpuinfo";

    public Facts Facts => Facts.Cpus;

    public bool GoesByCpusAlone => true;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.SeesHostCpus;

    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        ReadOnlySpan<byte> host = snapshot.Host.CpuinfoText;
        bool endsWithEmptyLine = host.EndsWith("\n\n"u8);
        int visible = snapshot.Cpus.Count;
        int[] rented = ArrayPool<int>.Shared.Rent(CpuTopology.ScratchPerCpu * visible);
        CpuTopology topology = new(snapshot.Cpus, rented);
        ReadTopology(host, ref topology);

        int current = Outside;
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            if (TryBlockStart(line, out int hostCpu, out bool isOneLine))
            {
                current = topology.VirtualNumber(hostCpu);
                if (current >= 0)
                {
                    WriteRenumbered(output, line, snapshot.Cpus.NumberOf(current), isOneLine);
                }

                current = isOneLine ? Outside : current;
            }
            else if (current != Hidden)
            {
                WriteLine(output, line, current, visible, topology);
            }

            current = line.IsEmpty ? Outside : current;
        }

        ArrayPool<int>.Shared.Return(rented);
        if (!endsWithEmptyLine && output.Text.EndsWith("\n\n"u8))
        {
            // On s390x the empty line stands before a block, here before one that is not shown.
            output.Shorten(1);
        }
    }

    // What the line being read belongs to, where it is not a visible CPU's number.
    private const int Outside = -2;
    private const int Hidden = CpuTopology.NotVisible;

    private static void ReadTopology(ReadOnlySpan<byte> host, ref CpuTopology topology)
    {
        int current = Outside;
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            if (TryBlockStart(line, out int hostCpu, out bool isOneLine))
            {
                current = isOneLine ? Outside : topology.VirtualNumber(hostCpu);
            }
            else if (current >= 0 && Key(line).SequenceEqual("physical id"u8))
            {
                topology.SetPackage(current, Number(line));
            }
            else if (current >= 0 && Key(line).SequenceEqual("core id"u8))
            {
                topology.SetCore(current, Number(line));
            }

            current = line.IsEmpty ? Outside : current;
        }

        topology.Complete();
    }

    private static void WriteLine(TextBuffer output, ReadOnlySpan<byte> line, int cpu, int visible, in CpuTopology topology)
    {
        ReadOnlySpan<byte> key = Key(line);
        int? number = cpu switch
        {
            >= 0 when key.SequenceEqual("siblings"u8) => topology.Siblings(cpu),
            >= 0 when key.SequenceEqual("cpu cores"u8) => topology.Cores(cpu),
            Outside when key.SequenceEqual("# processors"u8) => visible,
            _ => null,
        };
        if (number is { } value)
        {
            output.Write(line[..(line.IndexOf((byte)':') + 1)]);
            output.Write((byte)' ');
            output.Write(value);
        }
        else
        {
            output.Write(line);
        }

        output.Write((byte)'\n');
    }

    private static void WriteRenumbered(TextBuffer output, ReadOnlySpan<byte> line, int cpu, bool isOneLine)
    {
        int colon = line.IndexOf((byte)':');
        if (isOneLine)
        {
            output.Write("processor "u8);
            output.Write(cpu);
            output.Write(line[colon..]);
        }
        else
        {
            output.Write(line[..(colon + 1)]);
            output.Write((byte)' ');
            output.Write(cpu);
        }

        output.Write((byte)'\n');
    }

    /// <summary>
    /// "processor\t: 3" opens a block up to the next empty line; on s390x "cpu number      : 3" does, and "processor 3: version = …"
    /// is a whole entry.
    /// </summary>
    private static bool TryBlockStart(ReadOnlySpan<byte> line, out int cpu, out bool isOneLine)
    {
        cpu = 0;
        isOneLine = false;
        ReadOnlySpan<byte> key = Key(line);
        if (key.SequenceEqual("processor"u8) || key.SequenceEqual("cpu number"u8))
        {
            cpu = Number(line);
            return cpu >= 0;
        }

        if (key.StartsWith("processor "u8) && NumberText.TryParse(key["processor ".Length..], out long number) && number <= int.MaxValue)
        {
            cpu = (int)number;
            isOneLine = true;
            return true;
        }

        return false;
    }

    /// <summary>What stands before the colon, without the blanks and tabs that pad it; empty without a colon.</summary>
    private static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> line) => line.IndexOf((byte)':') is > 0 and int colon ? line[..colon].TrimEnd(" \t"u8) : default;

    /// <summary>The number after the colon; -1 when there is none.</summary>
    private static int Number(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> value = line[(line.IndexOf((byte)':') + 1)..].Trim(" \t"u8);
        return Utf8Parser.TryParse(value, out int number, out int used) && used == value.Length && number >= 0 ? number : -1;
    }
}
