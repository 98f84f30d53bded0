using System.Buffers;
using System.Text;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// A file below /sys/devices/system/cpu that is the host's in the main: one of a CPU, the same for each, or one beside the CPUs. What each shows:
/// docs/fields/sysfs.md.
/// </summary>
/// <param name="number">In node ids. Permanent.</param>
/// <param name="path">Below the directory of a CPU ("topology/core_id"), or below that of them all ("smt/active").</param>
/// <param name="text">What is to be seen.</param>
/// <param name="isPerCpu">Each CPU has one.</param>
internal sealed class CpuFile(ushort number, string path, CpuText text, bool isPerCpu = true)
{
    public ushort Number { get; } = number;

    public string Path { get; } = path;

    /// <summary>The same, as it is asked for.</summary>
    public byte[] HostPath { get; } = Encoding.ASCII.GetBytes(path);

    public CpuText Text { get; } = text;

    public bool IsPerCpu { get; } = isPerCpu;

    /// <summary>Appends what a container sees.</summary>
    /// <param name="host">The text of the host's file, of the CPU behind.</param>
    /// <param name="cpus">The visible CPUs.</param>
    /// <param name="cpu">Whose file it is, as the container numbers them.</param>
    /// <param name="output">Where to.</param>
    public void Render(ReadOnlySpan<byte> host, CpuView cpus, int cpu, TextBuffer output)
    {
        switch (Text)
        {
            case CpuText.AsHost:
                output.Write(host);
                break;
            case CpuText.Online:
                output.Write("1\n"u8);
                break;
            case CpuText.List or CpuText.Mask or CpuText.Numbers:
                RenderSet(host, cpus, cpu, output);
                break;
        }
    }

    private void RenderSet(ReadOnlySpan<byte> host, CpuView cpus, int cpu, TextBuffer output)
    {
        int words = VisibleSet.WordsFor(cpus);
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(words);
        VisibleSet set = new(cpus, rented.AsSpan(0, words));
        set.Add(cpu); // whatever the host says, it shares with itself
        switch (Text)
        {
            case CpuText.Mask:
                set.AddMask(host);
                set.WriteMask(output);
                break;
            case CpuText.Numbers:
                set.AddList(host);
                set.WriteNumbers(output);
                break;
            default:
                set.AddList(host);
                set.WriteList(output);
                break;
        }

        output.Write((byte)'\n');
        ArrayPool<ulong>.Shared.Return(rented);
    }
}
