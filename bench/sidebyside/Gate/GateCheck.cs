namespace ProcFs.Bench;

/// <summary>One ratio that must not fall: how many times as much the other one takes as ProcFs does.</summary>
/// <param name="Mode">"cold" or "repeated".</param>
/// <param name="What">"time" or "cpu".</param>
/// <param name="Reference">The other one: a <see cref="Source"/>.</param>
/// <param name="Floor">Below it, something has become much slower.</param>
internal sealed record GateCheck(string Mode, string What, string Reference, double Floor)
{
    /// <summary>"cold time, lxcfs/procfs".</summary>
    public string Name => $"{Mode} {What}, {Reference}/{Source.ProcFs}";

    /// <summary>Against lxcfs, which does the same work.</summary>
    public static readonly GateCheck[] WithLxcfs =
    [
        new(RunOptions.Cold, Time, Source.Lxcfs, 1.7),
        new(RunOptions.Cold, Cpu, Source.Lxcfs, 1.5),
        new(RunOptions.Repeated, Time, Source.Lxcfs, 2.4),
        new(RunOptions.Repeated, Cpu, Source.Lxcfs, 1.4),
    ];

    /// <summary>Where there is no lxcfs: against a constant text by the same protocol code, and against the kernel.</summary>
    public static readonly GateCheck[] WithoutLxcfs =
    [
        new(RunOptions.Cold, Time, Source.Floor, 0.4),
        new(RunOptions.Cold, Cpu, Source.Floor, 0.24),
        new(RunOptions.Repeated, Time, Source.Floor, 0.5),
        new(RunOptions.Repeated, Cpu, Source.Floor, 0.45),
        new(RunOptions.Repeated, Time, Source.Kernel, 0.08),
    ];

    public const string Time = "time";
    public const string Cpu = "cpu";

    /// <summary>The ratio in one batch, over all its files: the 10th percentiles of time as their geometric mean, CPU time as a sum. Null when it was not measured.</summary>
    public double? RatioOf(IEnumerable<Phase> batch)
    {
        Phase[] phases = [.. batch.Where(p => p.Setting.Mode == Mode)];
        return What == Cpu
            ? Samples.Ratio(phases.Sum(p => p.Of(Reference)?.CpuUs), phases.Sum(p => p.Of(Source.ProcFs)?.CpuUs))
            : Samples.GeometricMean(phases.Select(p => p.LowRatio(Reference, Source.ProcFs)));
    }
}

/// <summary>A check and what came out: the middle one of all batches, so that a disturbance of some of them does not count.</summary>
internal sealed record GateResult(GateCheck Check, IReadOnlyList<double> Batches)
{
    /// <summary>Null when nothing was measured.</summary>
    public double? Ratio => Samples.MedianOf(Batches);

    public bool IsPassed => Ratio >= Check.Floor;
}
