using System.Globalization;

namespace ProcFs.Bench;

/// <summary>Many registered containers, some of which are read once a second, minute after minute: what the daemon takes, and that nothing of it grows.</summary>
internal static class SoakRun
{
    private const long Second = 1_000_000_000;
    private const int Warm = 2; // minutes, in which caches fill and the runtime finds its size

    /// <summary>Runs the minutes that are still missing.</summary>
    /// <param name="minutes">In all, over all parts.</param>
    /// <param name="containers">How many.</param>
    /// <exception cref="BenchFailure">Something cannot be measured here, or something grew.</exception>
    public static int Run(int minutes, int containers)
    {
        SoakLog log = SoakLog.Open(ProcFsServer.Program, containers);
        int missing = minutes - log.Minutes.Count;
        Machine machine = Machine.Look(("procfs", ProcFsServer.Program), ("runc", "runc"));
        long[] before = Unrest.Now();
        if (missing > 0)
        {
            Console.WriteLine($"{log.Minutes.Count} of {minutes} minutes are there; {missing} more");
            RunPart(log, missing, containers);
        }

        Figures figures = new();
        int grown = Tell(log, containers, figures);
        string saved = figures.Save(machine, Unrest.Since(before), containers == Plan.Usual ? "soak" : $"soak-{containers}", systemCalls: null);
        Console.WriteLine($"\nsaved: {Path.GetRelativePath(Repository.Path, saved)}.md and .json");
        return grown == 0 ? 0 : throw new BenchFailure($"{grown} figure(s) above are missed: something grew, or reads failed");
    }

    private static void RunPart(SoakLog log, int minutes, int containers)
    {
        Plan plan = Plan.For(containers);
        using Site site = Site.Open();
        Fleet fleet = site.Own(new Fleet(site, plan));
        ProcFsServer server = site.Own(new ProcFsServer(site, ProcFsServer.Program, "soak"));
        Console.WriteLine($"starting {containers} containers");
        IReadOnlyList<Container> all = fleet.GrowTo(containers);
        Output attach = server.Verb(TimeSpan.FromSeconds(120), ["attach", .. all.Select(c => c.Pid.ToString(CultureInfo.InvariantCulture))]);
        if (attach.ExitCode != 0)
        {
            throw new BenchFailure($"procfs attach has failed: {attach.Error}");
        }

        int part = log.Minutes.Count == 0 ? 1 : log.Minutes.Max(minute => minute.Part) + 1;
        for (int minute = 1; minute <= minutes; minute++)
        {
            ServerUse before = ServerProbe.Use(server.Pid);
            ReadTimes reads = fleet.Read(fleet.Readers, Second, 60);
            ServerUse used = ServerProbe.Use(server.Pid) - before;
            ServerMemory memory = ServerProbe.Memory(server.Pid);
            SoakMinute row = new(part, minute, used.CpuNs / (60.0 * Second) * 100, memory.RssKib, memory.AnonymousKib, memory.Descriptors,
                reads.Times.Count, reads.Failed, reads.Times.Median / 1000, reads.Times.P99 / 1000);
            log.Add(row);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"part {part}, minute {minute}: {row.CpuPercent:0.0} % CPU, RSS {row.RssKib} KiB, anonymous {row.AnonymousKib} KiB, {row.Descriptors} descriptors, {row.Reads} reads, {row.Failed} failed, median {row.MedianUs:0} µs, p99 {row.P99Us:0} µs"));
        }
    }

    /// <summary>How many figures are missed.</summary>
    private static int Tell(SoakLog log, int containers, Figures figures)
    {
        List<Figure> told = [];
        figures.Begin($"{containers} containers registered, {Plan.For(containers).Readers} of them read {Plan.Files.Count} files each second, {log.Minutes.Count} minutes");
        Add("reads that failed", log.Minutes.Sum(minute => minute.Failed), "", 0);
        Add("the daemon's CPU, median of the minutes", Median(minute => minute.CpuPercent), "%", null);
        Add("a read, median", Median(minute => minute.MedianUs), "µs", null);
        Add("a read, p99, median of the minutes", Median(minute => minute.P99Us), "µs", null);
        Add("a read, p99 of the worst minute", log.Minutes.Max(minute => minute.P99Us), "µs", null);
        foreach (IGrouping<int, SoakMinute> part in log.Minutes.GroupBy(minute => minute.Part).Where(part => part.Count() > Warm))
        {
            (SoakMinute warm, SoakMinute last) = (part.ElementAt(Warm - 1), part.Last());
            figures.Begin(string.Create(CultureInfo.InvariantCulture, $"Part {part.Key}: from minute {warm.Minute} to minute {last.Minute}"));
            Add("RSS at its end", last.RssKib, "KiB", null);
            Add("descriptors at its end", last.Descriptors, "", null);
            // Pages that the kernel took back come and go.
            Add("growth of RSS", last.RssKib - warm.RssKib, "KiB", 1024);
            Add("growth of anonymous memory", last.AnonymousKib - warm.AnonymousKib, "KiB", 1024);
            Add("growth of descriptors", last.Descriptors - warm.Descriptors, "", 8);
        }

        return told.Count(figure => figure.IsMet == false);

        double Median(Func<SoakMinute, double> of) => Samples.MedianOf([.. log.Minutes.Select(of)]) ?? 0;

        void Add(string what, double value, string unit, double? atMost)
        {
            told.Add(new Figure(what, value, unit, atMost));
            figures.Add(what, value, unit, atMost);
        }
    }
}
