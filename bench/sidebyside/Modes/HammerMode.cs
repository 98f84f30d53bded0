using System.Diagnostics;

namespace ProcFs.Bench;

/// <summary>
/// Many containers read one file without a pause, a quiet one reads it now and then: how long does the quiet one wait, and what does the server burn
/// meanwhile? One source at a time, in short phases that take turns, so that noise falls on all of them.
/// </summary>
internal sealed class HammerMode : IDisposable
{
    private const string PageInside = "/run/control";
    private const int GapMs = 10;
    private const int MostReads = 200; // of the quiet reader, in a phase

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300); // they look at the page every 100 ms

    private readonly Scene _scene;
    private readonly string _file;
    private readonly int _count;
    private readonly ControlPage _page;
    private readonly Container[] _hammers;
    private readonly Container _quiet;

    /// <param name="site">Where the containers run.</param>
    /// <param name="scene">The servers.</param>
    /// <param name="file">What is hammered.</param>
    /// <param name="count">How many containers do.</param>
    public HammerMode(Site site, Scene scene, string file, int count)
    {
        (_scene, _file, _count) = (scene, file, count);
        string path = ControlPage.Create($"{site.Scratch}/control-{file}");
        _page = new ControlPage(path);
        _quiet = scene.Start($"quiet-{file}");
        _hammers = new Container[count];
        string[] files = [.. scene.Sources.Select(s => s.PathOf(file))];
        for (int i = 0; i < count; i++)
        {
            _hammers[i] = scene.Start($"hammer-{file}-{i}", new ContainerPlan { Command = [OwnProgram.PathInside, "hammer", PageInside, $"{i}", .. files], Writable = (path, PageInside) });
        }
    }

    /// <summary>Measures.</summary>
    /// <param name="rounds">Phases of each source.</param>
    /// <param name="seconds">The length of one.</param>
    /// <returns>The quiet reader with the others at rest, and with them hammering.</returns>
    public (Phase Alone, Phase Hammered) Run(int rounds, int seconds)
    {
        Tally[] alone = [.. _scene.Sources.Select(_ => new Tally())], hammered = [.. _scene.Sources.Select(_ => new Tally())];
        int[] order = [.. Enumerable.Range(0, _scene.Sources.Count)];
        List<Noise> quiet = [], noisy = [];
        for (int round = 0; round < rounds; round++)
        {
            Random.Shared.Shuffle(order);
            foreach (int source in order)
            {
                quiet.Add(Measure(source, alone[source], seconds));
                _page.Command = source + 1;
                Thread.Sleep(Settle);
                noisy.Add(Measure(source, hammered[source], seconds));
                _page.Command = ControlPage.Rest;
                Thread.Sleep(Settle);
            }
        }

        return (PhaseOf("quiet alone", alone, quiet), PhaseOf($"quiet while {_count} hammer", hammered, noisy));
    }

    public void Dispose()
    {
        _page.Command = ControlPage.Rest;
        foreach (Container container in _hammers)
        {
            container.Dispose();
        }

        _quiet.Dispose();
        _page.Dispose();
    }

    private Noise Measure(int index, Tally tally, int seconds)
    {
        Source source = _scene.Sources[index];
        long[] machine = Unrest.Now();
        long throttled = _quiet.Throttled;
        ServerUse? before = source.Server is { } server ? ServerProbe.Use(server.Pid) : null;
        long reads = _page.AllReads(_count);
        Stopwatch since = Stopwatch.StartNew();
        ReadReport report = ReaderRun.In(_quiet, new ReadPlan { Rounds = MostReads, GapMs = GapMs, Seconds = seconds, Paths = [source.PathOf(_file)] });
        tally.Seconds += since.Elapsed.TotalSeconds;
        tally.HammerReads += _page.AllReads(_count) - reads;
        tally.Quiet.AddAll(report.Of(0));
        if (before is not null)
        {
            ServerUse use = ServerProbe.Use(source.Server!.Pid) - before;
            tally.CpuNs += use.CpuNs;
            tally.Switches += use.Switches;
        }

        if (_page.Command != ControlPage.Rest && _hammers.FirstOrDefault(h => h.Threads == 0) is { } ended)
        {
            throw new BenchFailure($"a hammering container has ended: {ended.Log.Trim()}");
        }

        return ReadPhase.NoiseOf(report, machine, _quiet.Throttled - throttled);
    }

    private Phase PhaseOf(string mode, Tally[] tallies, List<Noise> noise) => new(
        new Setting(mode, _file),
        [.. _scene.Sources.Select((source, i) => tallies[i].Measure(source))],
        new Noise(
            Samples.MedianOf(noise.Select(n => n.SpinUs)) ?? 0,
            Samples.MedianOf(noise.Select(n => n.SpinSpread)) ?? 0,
            new Unrest(noise.Average(n => n.Unrest.StealPercent), noise.Average(n => n.Unrest.BusyPercent), noise[^1].Unrest.Load),
            noise.Sum(n => n.Throttled)));

    private sealed class Tally
    {
        public Samples Quiet { get; } = new();

        public double Seconds { get; set; }

        public long HammerReads { get; set; }

        public long CpuNs { get; set; }

        public long Switches { get; set; }

        public Measurement Measure(Source source)
        {
            double reads = Quiet.Count + HammerReads;
            bool isServed = source.Server is not null;
            return new Measurement(source.Name, Quiet.Count, Quiet.Percentile(10) / 1000, Quiet.Median / 1000, Quiet.P99 / 1000, isServed ? CpuNs / 1000.0 / reads : null, isServed ? Switches / reads : null)
            {
                CpuPercent = isServed ? CpuNs / 1e7 / Seconds : null,
                ReadsPerSecond = HammerReads / Seconds,
            };
        }
    }
}
