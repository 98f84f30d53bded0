namespace ProcFs.Bench;

/// <summary>Runs the reader in a container.</summary>
internal static class ReaderRun
{
    /// <summary>What a start of a program in a container may take, and the reads themselves.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(Machine.IsEmulated ? 120 : 60);

    /// <exception cref="BenchFailure">A file could not be read; the reader's own words are in the message.</exception>
    public static ReadReport In(Container container, ReadPlan plan)
    {
        ReadPlan seeded = plan with { Seed = Environment.TickCount & int.MaxValue };
        byte[] bytes = Child.RunBinary(plan.Waiting + Slack, container.Exec([OwnProgram.PathInside, "read", .. seeded.Words()]));
        return ReadReport.Parse(bytes, plan.Paths.Count);
    }
}
