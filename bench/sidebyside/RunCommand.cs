using System.Diagnostics;

namespace ProcFs.Bench;

/// <summary>The verb <c>run</c>: all modes that are asked for, the tables, the results.</summary>
internal sealed class RunCommand
{
    private const int HammerRounds = 3;
    private const int HammerSeconds = 2;

    /// <summary>What is hammered, unless other files alone are asked for: most read of all, and most to compute.</summary>
    private static readonly string[] HammeredFiles = ["meminfo", "stat"];

    private readonly RunOptions _options;
    private readonly Site _site;
    private readonly Scene _scene;
    private readonly List<Phase> _phases = [];
    private readonly Stopwatch _since = Stopwatch.StartNew();

    private RunCommand(RunOptions options, Site site)
    {
        _options = options;
        _site = site;
        _scene = new Scene(site, options.Sources, options.Files, options.Quota);
    }

    /// <exception cref="BenchFailure">Something is missing, or a file could not be read.</exception>
    public static int Run(string[] words)
    {
        if (words.Contains("--help"))
        {
            Console.WriteLine(RunOptions.Help);
            return 0;
        }

        RunOptions options = RunOptions.Parse(words);
        Machine machine = Machine.Look(("procfs", ProcFsServer.Program), ("lxcfs", LxcfsServer.Program), ("runc", "runc"));
        RunResult result;
        using (Site site = Site.Open())
        {
            result = new RunCommand(options, site).Measure(machine);
        }

        string report = RunReport.Write(result);
        Console.Write(report);
        if (options.IsSaved)
        {
            string path = ResultsFile.Path(machine, Machine.IsEmulated ? $"{machine.Cpus}-cpus-emulated" : options.IsPartial ? "partial" : null, options.Directory);
            File.WriteAllText(path + ".md", report);
            File.WriteAllBytes(path + ".json", RunJson.Write(result));
            Console.WriteLine($"saved: {path}.md and .json");
        }

        return 0;
    }

    private RunResult Measure(Machine machine)
    {
        DateTime start = DateTime.UtcNow;
        Server[] servers = [.. _scene.Servers];
        Container? first = null;
        ServerMemory[] before = [];
        IReadOnlyList<RequestCount> requests = [];
        string? method = null;
        foreach (int threads in _options.Threads)
        {
            using Container container = _scene.Start($"threads-{threads}", threads);
            if (first is null)
            {
                first = container;
                before = [.. servers.Select(s => ServerProbe.Memory(s.Pid))];
            }

            foreach (string file in _options.Files)
            {
                Read(container, file, threads);
            }

            if (container == first && _options.Modes.Contains(RunOptions.Requests))
            {
                Tell("requests by opcode");
                requests = RequestMode.Run(_site, _scene, container, _options.Files, _options.OnlyStrace, out method);
            }
        }

        if (_options.Modes.Contains(RunOptions.Hammer))
        {
            Hammer();
        }

        ServerMemory[] after = [.. servers.Select(s => ServerProbe.Memory(s.Pid))];
        return new RunResult(machine, start, _phases, requests, method, [.. servers.Select((s, i) => new MemoryChange(s.Name, before[i], after[i]))]);
    }

    private void Read(Container container, string file, int threads)
    {
        foreach ((string mode, int readers, ReadPlan plan) in Plans())
        {
            Tell($"{mode} {file}, {threads} threads, {readers} readers");
            _phases.Add(ReadPhase.Run(container, new Setting(mode, file, threads, readers), _scene.Sources, plan));
        }
    }

    private IEnumerable<(string Mode, int Readers, ReadPlan Plan)> Plans()
    {
        if (_options.Modes.Contains(RunOptions.Cold))
        {
            yield return (RunOptions.Cold, 1, new ReadPlan { Rounds = _options.IsShort || Machine.IsEmulated ? 20 : 40, GapMs = 50 });
        }

        ReadPlan tight = new() { Rounds = Machine.IsEmulated ? 10 : 40, Burst = 20 };
        if (_options.Modes.Contains(RunOptions.Repeated))
        {
            yield return (RunOptions.Repeated, 1, tight);
        }

        if (_options.Modes.Contains(RunOptions.Several))
        {
            yield return (RunOptions.Repeated, 2, tight);
            yield return (RunOptions.Repeated, 8, tight with { Rounds = 20, Burst = 10 });
        }

        if (_options.Modes.Contains(RunOptions.Kept))
        {
            yield return (RunOptions.Kept, 1, tight with { IsKept = true });
        }
    }

    private void Hammer()
    {
        string[] files = [.. _options.Files.Intersect(HammeredFiles)];
        foreach (string file in files.Length > 0 ? files : _options.Files)
        {
            Tell($"{_options.Containers} containers hammer {file}: starting them");
            using HammerMode mode = new(_site, _scene, file, _options.Containers);
            Tell($"{_options.Containers} containers hammer {file}");
            (Phase alone, Phase hammered) = mode.Run(HammerRounds, HammerSeconds);
            _phases.Add(alone);
            _phases.Add(hammered);
        }
    }

    private void Tell(string what) => Console.Error.WriteLine($"[{_since.Elapsed.TotalSeconds,4:0} s] {what}");
}
