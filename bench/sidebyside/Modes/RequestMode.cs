namespace ProcFs.Bench;

/// <summary>Requests that the kernel sends for one cycle of open, read, read and close.</summary>
/// <param name="File">Of /proc.</param>
/// <param name="Source">Whose.</param>
/// <param name="PerCycle">By opcode ("READ").</param>
internal sealed record RequestCount(string File, string Source, IReadOnlyDictionary<string, double> PerCycle);

/// <summary>Counts requests by opcode, apart from all timing: what counts them slows them down.</summary>
internal static class RequestMode
{
    public const string TracePoints = "trace points of the kernel (fuse:fuse_request_send)";
    public const string Strace = "strace of the servers' reads of the device";

    private const int Cycles = 20;

    /// <param name="site">Where tracing is set up.</param>
    /// <param name="scene">The servers.</param>
    /// <param name="container">Where the reader runs.</param>
    /// <param name="files">What it reads.</param>
    /// <param name="onlyStrace">Even where the kernel has trace points.</param>
    /// <param name="method">How it was counted; null: neither way works here.</param>
    public static IReadOnlyList<RequestCount> Run(Site site, Scene scene, Container container, IReadOnlyList<string> files, bool onlyStrace, out string? method)
    {
        List<RequestCount> counts = [];
        method = null;
        foreach (string file in files)
        {
            // The reads that come first are other ones: a kernel that has never opened the file looks it up.
            _ = Read(scene, container, file);
            using RequestTrace? trace = onlyStrace ? null : RequestTrace.Start(site);
            using DeviceReads? reads = trace is null ? DeviceReads.Start(site, scene.Servers) : null;
            if (trace is null && reads is null)
            {
                return [];
            }

            method = trace is null ? Strace : TracePoints;
            int cycles = Read(scene, container, file);
            Thread.Sleep(100); // RELEASE comes when close(2) is over
            IReadOnlyDictionary<(uint Connection, string Opcode), int> all = trace?.Count() ?? reads!.Count();
            foreach (Source source in scene.Sources.Where(s => s.Server is not null))
            {
                uint connection = source.Server!.Connection;
                counts.Add(new RequestCount(file, source.Name, all.Where(c => c.Key.Connection == connection)
                    .OrderBy(c => c.Key.Opcode, StringComparer.Ordinal).ToDictionary(c => c.Key.Opcode, c => (double)c.Value / cycles)));
            }
        }

        return counts;
    }

    private static int Read(Scene scene, Container container, string file)
    {
        ReadPlan plan = new() { Rounds = Cycles - ReadPlan.WarmRounds, Paths = [.. scene.Sources.Select(s => s.PathOf(file))] };
        _ = ReaderRun.In(container, plan);
        return plan.ReadsPerPath;
    }
}
