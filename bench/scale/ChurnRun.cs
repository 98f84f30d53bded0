using System.Globalization;

namespace ProcFs.Bench;

/// <summary>
/// Minute after minute some containers stay and read once a second, others come and go, and the server is killed: no read fails, each new container sees its own
/// values, and nothing is left of those that have gone: no memory, descriptor, process, mount, cgroup, nor entry of the spool.
/// </summary>
internal static class ChurnRun
{
    /// <summary>How many containers stay.</summary>
    public const int Usual = 30;

    private const long Second = 1_000_000_000;
    private const int Warm = 2; // minutes, in which caches fill and the runtime finds its size

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(12);

    /// <summary>Runs the minutes that are still missing.</summary>
    /// <param name="minutes">In all, over all parts.</param>
    /// <param name="containers">How many stay; a third of them reads.</param>
    /// <exception cref="BenchFailure">Something cannot be measured here, or something grew or failed.</exception>
    public static int Run(int minutes, int containers)
    {
        ChurnLog log = ChurnLog.Open(ProcFsServer.Program, containers);
        int missing = minutes - log.Minutes.Count;
        Machine machine = Machine.Look(("procfs", ProcFsServer.Program), ("runc", "runc"));
        long[] before = Unrest.Now();
        if (missing > 0)
        {
            Console.WriteLine($"{log.Minutes.Count} of {minutes} minutes are there; {missing} more");
            RunPart(log, missing, containers);
        }

        Figures figures = new();
        int missed = Tell(log, containers, figures);
        string saved = figures.Save(machine, Unrest.Since(before), containers == Usual ? "churn" : $"churn-{containers}", systemCalls: null);
        Console.WriteLine($"\nsaved: {Path.GetRelativePath(Repository.Path, saved)}.md and .json");
        return missed == 0 ? 0 : throw new BenchFailure($"{missed} figure(s) above are missed: something grew, or failed");
    }

    private static void RunPart(ChurnLog log, int minutes, int containers)
    {
        using Site site = Site.Open();
        Fleet fleet = site.Own(new Fleet(site, Plan.For(containers) with { Readers = Math.Max(1, containers / 3) }));
        SupervisedServer server = site.Own(new SupervisedServer(site, "churn"));
        Console.WriteLine($"starting {containers} containers that stay");
        Output attach = server.Verb(TimeSpan.FromSeconds(120), ["attach", .. fleet.GrowTo(containers).Select(c => c.Pid.ToString(CultureInfo.InvariantCulture))]);
        if (attach.ExitCode != 0)
        {
            throw new BenchFailure($"procfs attach has failed: {attach.Error}");
        }

        ChurnStorm storm = new(site, server);
        ChurnKills kills = new(server);
        int part = log.Minutes.Count == 0 ? 1 : log.Minutes.Max(minute => minute.Part) + 1;
        for (int minute = 1; minute <= minutes; minute++)
        {
            ReadTimes reads = Shake(fleet, storm, kills);
            (int started, int wrong, int hookFailed) = storm.Take();
            int serving = Settled(server, containers);
            ServerMemory memory = ServerProbe.Memory(serving), keeper = ServerProbe.Memory(server.Pid);
            ChurnMinute row = new(part, minute, started, wrong, hookFailed, kills.Take(), reads.Times.Count, reads.Failed, reads.Times.Percentile(100) / 1e6, memory.RssKib, memory.Descriptors,
                keeper.RssKib, keeper.Descriptors, ProcessesOf(site), MountsOf(site), CgroupsOf(site), server.Entries);
            log.Add(row);
            Console.WriteLine(row.ToString());
        }
    }

    /// <summary>A minute of all at once.</summary>
    private static ReadTimes Shake(Fleet fleet, ChurnStorm storm, ChurnKills kills)
    {
        using CancellationTokenSource stop = new();
        Task[] tasks = [Task.Run(() => storm.Run(stop.Token)), Task.Run(() => kills.Run(stop.Token))];
        try
        {
            return fleet.Read(fleet.Readers, Second, 60);
        }
        finally
        {
            stop.Cancel();
            Task.WaitAll(tasks);
        }
    }

    /// <summary>The server, when the spool has no more than the containers that stay, or time is up: what is left then is told as it is.</summary>
    private static int Settled(SupervisedServer server, int containers)
    {
        _ = Wait.Until(Settling, () => server.Serving > 0 && server.Entries <= containers);
        Thread.Sleep(Quiet); // it has just begun, perhaps, and gives back at a heartbeat what only its start needed
        return server.Serving is > 0 and int pid ? pid : throw new BenchFailure($"there is no server any more; the log:\n{server.Log}");
    }

    private static int ProcessesOf(Site site) => Directory.GetDirectories("/proc").Count(process => int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int pid)
        && Processes.CommandLine(pid).Contains(site.Scratch, StringComparison.Ordinal));

    private static int MountsOf(Site site) => File.ReadLines("/proc/self/mountinfo").Count(line => line.Contains(site.Scratch, StringComparison.Ordinal));

    private static int CgroupsOf(Site site) => CgroupMounts.All.Sum(hierarchy => Directory.Exists(hierarchy + site.Cgroup) ? Directory.GetDirectories(hierarchy + site.Cgroup, "*", SearchOption.AllDirectories).Length : 0);

    /// <summary>How many figures are missed.</summary>
    private static int Tell(ChurnLog log, int containers, Figures figures)
    {
        List<Figure> told = [];
        figures.Begin($"{containers} containers stay, others come and go, the server is killed: {log.Minutes.Count} minutes");
        Add("containers that came and went", log.Minutes.Sum(minute => minute.Started), "", null);
        Add("of them, that did not see their own values within a minute", log.Minutes.Sum(minute => minute.Wrong), "", 0);
        Add("calls of the hook that failed", log.Minutes.Sum(minute => minute.HookFailed), "", 0);
        Add("kills of the server", log.Minutes.Sum(minute => minute.Kills), "", null);
        Add("whole files read by the containers that stay", log.Minutes.Sum(minute => minute.Reads), "", null);
        Add("reads that failed", log.Minutes.Sum(minute => minute.Failed), "", 0);
        Add("the longest read", log.Minutes.Max(minute => minute.WorstMs), "ms", null);
        foreach (IGrouping<int, ChurnMinute> part in log.Minutes.GroupBy(minute => minute.Part).Where(part => part.Count() > Warm))
        {
            (ChurnMinute warm, ChurnMinute last) = (part.ElementAt(Warm - 1), part.Last());
            figures.Begin(string.Create(CultureInfo.InvariantCulture, $"Part {part.Key}: from minute {warm.Minute} to minute {last.Minute}"));
            Add("RSS of the server at its end", last.ServerRssKib, "KiB", null);
            Add("RSS of the supervisor at its end", last.KeeperRssKib, "KiB", null);
            // Each minute has a server of its own, which has read more or less by then.
            Add("growth of RSS of the server", last.ServerRssKib - warm.ServerRssKib, "KiB", 3072);
            Add("growth of RSS of the supervisor", last.KeeperRssKib - warm.KeeperRssKib, "KiB", 1024);
            Add("growth of descriptors of the server", last.ServerDescriptors - warm.ServerDescriptors, "", 32);
            Add("growth of descriptors of the supervisor", last.KeeperDescriptors - warm.KeeperDescriptors, "", 4);
            Add("growth of processes", last.Processes - warm.Processes, "", 0);
            Add("growth of mounts", last.Mounts - warm.Mounts, "", 0);
            Add("growth of cgroups", last.Cgroups - warm.Cgroups, "", 0);
            Add("entries of the spool beyond the containers that stay", last.Entries - containers, "", 0);
        }

        return told.Count(figure => figure.IsMet == false);

        void Add(string what, double value, string unit, double? atMost)
        {
            told.Add(new Figure(what, value, unit, atMost));
            figures.Add(what, value, unit, atMost);
        }
    }
}
