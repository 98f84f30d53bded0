using System.Diagnostics;

namespace ProcFs.Bench;

/// <summary>The verb <c>run</c>.</summary>
internal static class RunCommand
{
    /// <exception cref="BenchFailure">Something is missing, or a file could not be read.</exception>
    public static int Run(string[] words)
    {
        if (words.Contains("--help"))
        {
            Console.WriteLine(RunOptions.Help);
            return 0;
        }

        RunOptions options = RunOptions.Parse(words);
        Stopwatch since = Stopwatch.StartNew();
        Machine machine = Machine.Look(("procfs", ProcFsServer.Program), ("lxcfs", LxcfsServer.Program), ("runc", "runc"));
        using Site site = Site.Open();
        Scene scene = new(site, options.Sources, options.Files);
        List<Phase> phases = [];
        foreach (int threads in options.Threads)
        {
            Container container = scene.Start($"threads-{threads}", threads);
            foreach (string file in options.Files)
            {
                foreach ((string mode, ReadPlan plan) in Plans(options))
                {
                    Phase phase = ReadPhase.Run(container, new Setting(mode, file, threads), scene.Sources, plan);
                    phases.Add(phase);
                    foreach (Measurement m in phase.Measurements)
                    {
                        Console.WriteLine($"{mode,-9} {file,-9} {threads,5} {m.Source,-7} {m.Reads,6} {m.MedianUs,8:0.0} {m.P99Us,8:0.0} {m.CpuUs,8:0.0} {m.Switches,6:0.0}");
                    }

                    Console.WriteLine($"  lxcfs/procfs {phase.TimeRatio("lxcfs", "procfs"):0.00}, cpu {phase.CpuRatio("lxcfs", "procfs"):0.00}; procfs/floor {phase.TimeRatio("procfs", "floor"):0.00}; {phase.Noise}");
                }
            }
        }

        Console.WriteLine($"{since.Elapsed.TotalSeconds:0.0} s {machine}");
        return 0;
    }

    private static IEnumerable<(string Mode, ReadPlan Plan)> Plans(RunOptions options)
    {
        if (options.Modes.Contains(RunOptions.Cold))
        {
            yield return (RunOptions.Cold, new ReadPlan { Rounds = options.IsShort ? 20 : 40, GapMs = 50 });
        }

        if (options.Modes.Contains(RunOptions.Repeated))
        {
            yield return (RunOptions.Repeated, new ReadPlan { Rounds = 40, Burst = 20 });
        }

        if (options.Modes.Contains(RunOptions.Kept))
        {
            yield return (RunOptions.Kept, new ReadPlan { Rounds = 40, Burst = 20, IsKept = true });
        }
    }
}
