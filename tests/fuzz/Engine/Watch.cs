using System.Diagnostics;
using System.Globalization;

namespace ProcFs.Fuzz.Engine;

/// <summary>
/// Has a target's inputs tried by a process of its own, and looks after that: an input that takes more than a second of CPU time, or half a minute of time
/// whatever it does, or that ends the process, is a defect, and another process carries on behind it.
/// </summary>
internal sealed class Watch(string target, FuzzFolder folder, string program)
{
    private const int MostEnds = 20;
    private const string HeapLimit = "0x30000000"; // 768 MiB

    private const int FirstInputs = 100;

    private static readonly TimeSpan MostCpu = TimeSpan.FromSeconds(1);

    // With the first ones the program is compiled.
    private static readonly TimeSpan MostCpuAtFirst = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Tell = TimeSpan.FromSeconds(30);

    /// <summary>Runs for so long.</summary>
    /// <param name="time">In all.</param>
    /// <param name="told">Gets a line now and then.</param>
    /// <param name="stop">Ends it early; what was done counts.</param>
    public FuzzTotal Run(TimeSpan time, Action<string> told, CancellationToken stop)
    {
        // In memory where that is possible; what a process that was ended left is removed with it.
        string temporary = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"procfs-fuzz-{target}-{Environment.ProcessId}")).FullName;
        try
        {
            return Run(time, temporary, told, stop);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private FuzzTotal Run(TimeSpan time, string temporary, Action<string> told, CancellationToken stop)
    {
        FuzzTotal before = folder.Total;
        using Exchange exchange = Exchange.Create(folder.ExchangeFile);
        exchange.Seed = before.Seed;
        Stopwatch since = Stopwatch.StartNew();
        FuzzTotal Now() => new(before.Seconds + since.Elapsed.TotalSeconds, before.Inputs + exchange.Ended, exchange.Seed, exchange.Edges, exchange.Kept);
        for (int ends = 0; since.Elapsed < time && !stop.IsCancellationRequested;)
        {
            long first = exchange.Begun;
            using Process process = Start(time - since.Elapsed, temporary);
            string? end = Follow(process, exchange, first, since, time, told, () => folder.Total = Now(), stop);
            if (end is not null)
            {
                // What it was at is still there.
                folder.KeepDefect(exchange.Input, end, $"The process that tried it ended, or was ended: {end}.");
                exchange.Seed++;
                told($"{target}: {end}");
                if (++ends == MostEnds)
                {
                    break;
                }
            }
            else
            {
                break;
            }
        }

        folder.Total = Now();
        return folder.Total;
    }

    private Process Start(TimeSpan time, string temporary)
    {
        ProcessStartInfo info = new(program, ["child", target, time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)]);
        info.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        info.Environment["DOTNET_TieredPGO"] = "0";
        info.Environment["TMPDIR"] = temporary;
        return Process.Start(info) ?? throw new InvalidOperationException($"cannot start {program}");
    }

    /// <summary>Null: it ended as it should, or was told to; else what became of it.</summary>
    private string? Follow(Process process, Exchange exchange, long first, Stopwatch since, TimeSpan time, Action<string> told, Action keep, CancellationToken stop)
    {
        long at = -1;
        TimeSpan cpuThen = default, timeThen = default, toldThen = since.Elapsed;
        try
        {
            while (!process.WaitForExit(Look))
            {
                if (stop.IsCancellationRequested || since.Elapsed > time + StartTime)
                {
                    return null;
                }

                if (exchange.Begun != at || exchange.Ended == at)
                {
                    (at, cpuThen, timeThen) = (exchange.Begun, CpuOf(process), since.Elapsed);
                }
                else if (CpuOf(process) - cpuThen > (at - first > FirstInputs ? MostCpu : MostCpuAtFirst))
                {
                    return "it takes more than a second of CPU time";
                }
                else if (since.Elapsed - timeThen > MostTime)
                {
                    return "it does not come to an end";
                }

                if (since.Elapsed - toldThen > Tell)
                {
                    toldThen = since.Elapsed;
                    keep();
                    told(string.Create(CultureInfo.InvariantCulture, $"{target}: {since.Elapsed.TotalSeconds:0} s, {exchange.Ended} inputs, {exchange.Edges} edges, {exchange.Kept} kept, {exchange.Defects} new defects"));
                }
            }

            return process.ExitCode == 0 ? null : $"it ended with {process.ExitCode}";
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                _ = process.WaitForExit(5000);
            }
        }
    }

    /// <summary>What it has used by now; zero when it has just ended.</summary>
    private static TimeSpan CpuOf(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }
}
