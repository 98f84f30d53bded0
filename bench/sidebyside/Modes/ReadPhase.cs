namespace ProcFs.Bench;

/// <summary>Runs the reader in a container, and looks at the servers before and after.</summary>
internal static class ReadPhase
{
    /// <summary>What a start of a program in a container may take, and the reads themselves.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(Machine.IsEmulated ? 120 : 60);

    /// <param name="container">Where the reader runs.</param>
    /// <param name="setting">What it is called.</param>
    /// <param name="sources">What is read, in turns.</param>
    /// <param name="plan">How; the paths are put in.</param>
    /// <exception cref="BenchFailure">A file could not be read.</exception>
    public static Phase Run(Container container, Setting setting, IReadOnlyList<Source> sources, ReadPlan plan)
    {
        plan = plan with { Paths = [.. sources.Select(s => s.PathOf(setting.File))], Readers = setting.Readers, Seed = Environment.TickCount & int.MaxValue };
        long[] machine = Unrest.Now();
        long throttled = container.Throttled;
        ServerUse?[] before = [.. sources.Select(UseOf)];
        byte[] bytes = Child.RunBinary(plan.Waiting + Slack, container.Exec([OwnProgram.PathInside, "read", .. plan.Words()]));
        ServerUse?[] after = [.. sources.Select(UseOf)];
        ReadReport report = ReadReport.Parse(bytes, sources.Count);
        Noise noise = new(report.Spins.Median / 1000, Samples.Ratio(report.Spins.Percentile(90), report.Spins.Median) ?? 0, Unrest.Since(machine), container.Throttled - throttled);
        return new Phase(setting, [.. sources.Select((source, i) => Measure(source, report.Of(i), plan, before[i], after[i]))], noise);
    }

    private static ServerUse? UseOf(Source source) => source.Server is { } server ? ServerProbe.Use(server.Pid) : null;

    private static Measurement Measure(Source source, Samples samples, ReadPlan plan, ServerUse? before, ServerUse? after)
    {
        // The reads that were not timed cost the server as much.
        double reads = samples.Count + (ReadPlan.WarmRounds * plan.Burst * plan.Readers);
        ServerUse? use = after is null || before is null ? null : after - before;
        return new Measurement(source.Name, samples.Count, samples.Median / 1000, samples.P99 / 1000, use?.CpuNs / 1000.0 / reads, use?.Switches / reads);
    }
}
