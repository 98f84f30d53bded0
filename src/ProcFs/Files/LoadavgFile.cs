using ProcFs.Containers;
using ProcFs.Sampling;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/loadavg: threads that run or are blocked, averaged as the kernel does. docs/fields/loadavg.md.</summary>
internal sealed class LoadavgFile : IProcFile
{
    // Half a hundredth: the kernel rounds to two digits.
    private const long Rounding = LoadAverage.Unit / 200;

    public string Path => "proc/loadavg";

    public Facts Facts => Facts.Threads | Facts.Load;

    public bool OnlyIfHostHas => true;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.IsHostProcess || snapshot.IsInRootEverywhere;

    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        ThreadCounts threads = snapshot.Threads;
        Write(output, snapshot.Load.One);
        Write(output, snapshot.Load.Five);
        Write(output, snapshot.Load.Fifteen);
        // At least the reader itself would be running.
        int running = snapshot.Options.LoadAverage ? Math.Max(1, threads.Running) : 1;
        output.Write(running);
        output.Write((byte)'/');
        output.Write(Math.Max(running, threads.Threads));
        output.Write((byte)' ');
        output.Write(threads.HighestPid);
        output.Write((byte)'\n');
    }

    private static void Write(TextBuffer output, long load)
    {
        load += Rounding;
        output.Write(load >> LoadAverage.FractionBits);
        output.Write((byte)'.');
        output.WriteTwoDigits(((load & (LoadAverage.Unit - 1)) * 100) >> LoadAverage.FractionBits);
        output.Write((byte)' ');
    }
}
