using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/swaps: one line for all swap there is, with meminfo's numbers. docs/fields/swaps.md.</summary>
internal sealed class SwapsFile : IProcFile
{
    private const int NameWidth = 40;

    // The kernel's columns: a number shorter than a tab stop gets a second tab.
    private const long NeedsOneTab = 10_000_000;

    public string Path => "proc/swaps";

    public Facts Facts => Facts.Memory;

    public bool ShowsHost(ContainerSnapshot snapshot) => ProcFiles.Meminfo.ShowsHost(snapshot);

    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        output.Write("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"u8);
        SwapView swap = SwapView.Of(snapshot);
        if (swap.TotalKb > 0)
        {
            output.WritePadded("none"u8, NameWidth);
            output.Write("virtual\t\t"u8);
            WriteColumn(output, swap.TotalKb);
            WriteColumn(output, swap.UsedKb);
            output.Write("0\n"u8);
        }
    }

    private static void WriteColumn(TextBuffer output, long number)
    {
        output.Write(number);
        output.Write(number < NeedsOneTab ? "\t\t"u8 : "\t"u8);
    }
}
