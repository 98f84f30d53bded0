namespace ProcFs.Bench;

/// <summary>One reader process reads a file of all sources in turns; the servers are looked at before and after.</summary>
internal static class ReadPhase
{
    /// <param name="container">Where the reader runs.</param>
    /// <param name="setting">What it is called.</param>
    /// <param name="sources">What is read, in turns.</param>
    /// <param name="plan">How; paths and the number of readers are put in.</param>
    /// <exception cref="BenchFailure">A file could not be read.</exception>
    public static Phase Run(Container container, Setting setting, IReadOnlyList<Source> sources, ReadPlan plan)
    {
        plan = plan with { Paths = [.. sources.Select(s => s.PathOf(setting.File))], Readers = setting.Readers };
        long[] machine = Unrest.Now();
        long throttled = container.Throttled;
        ServerUse?[] before = [.. sources.Select(UseOf)];
        ReadReport report = ReaderRun.In(container, plan);
        ServerUse?[] after = [.. sources.Select(UseOf)];
        return new Phase(setting, [.. sources.Select((source, i) => Measure(source, report.Of(i), plan, before[i], after[i]))], NoiseOf(report, machine, container.Throttled - throttled));
    }

    /// <param name="report">With the reader's spin probes.</param>
    /// <param name="machine">From <see cref="Unrest.Now"/> at the start.</param>
    /// <param name="throttled">Times that the quota stopped the container.</param>
    public static Noise NoiseOf(ReadReport report, long[] machine, long throttled) =>
        new(report.Spins.Median / 1000, Samples.Ratio(report.Spins.Percentile(90), report.Spins.Median) ?? 0, Unrest.Since(machine), throttled);

    private static ServerUse? UseOf(Source source) => source.Server is { } server ? ServerProbe.Use(server.Pid) : null;

    private static Measurement Measure(Source source, Samples samples, ReadPlan plan, ServerUse? before, ServerUse? after)
    {
        // The reads that were not timed cost the server as much.
        double reads = samples.Count + (ReadPlan.WarmRounds * plan.Burst * plan.Readers);
        ServerUse? use = after is null || before is null ? null : after - before;
        return new Measurement(source.Name, samples.Count, samples.Percentile(10) / 1000, samples.Median / 1000, samples.P99 / 1000, use?.CpuNs / 1000.0 / reads, use?.Switches / reads);
    }
}
