namespace ProcFs.Bench;

/// <summary>What was measured together: the same reader read all sources in turns.</summary>
/// <param name="Mode">"cold", "repeated" and so on.</param>
/// <param name="File">Of /proc.</param>
/// <param name="Threads">Of the container.</param>
/// <param name="Readers">At once.</param>
internal sealed record Setting(string Mode, string File, int Threads = 1, int Readers = 1);

/// <summary>One source in one setting.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Reads">That were timed.</param>
/// <param name="LowUs">Microseconds from open to close that a tenth of the reads stay below: what disturbs a read makes it longer, so this is disturbed least.</param>
/// <param name="MedianUs">Microseconds from open to close.</param>
/// <param name="P99Us">The same.</param>
/// <param name="CpuUs">The server's CPU time for each read, in microseconds; null for the kernel.</param>
/// <param name="Switches">The server's context switches for each read; null for the kernel.</param>
internal sealed record Measurement(string Source, int Reads, double LowUs, double MedianUs, double P99Us, double? CpuUs, double? Switches)
{
    /// <summary>The CPU that the server burns, in per cent of one; in the mode with hammering containers alone.</summary>
    public double? CpuPercent { get; init; }

    /// <summary>How often all hammering containers read in a second.</summary>
    public double? ReadsPerSecond { get; init; }
}

/// <summary>How quiet the machine was.</summary>
/// <param name="SpinUs">The median of the probe that is always the same work.</param>
/// <param name="SpinSpread">Its 90th percentile over its median: 1 on a quiet machine.</param>
/// <param name="Unrest">What the whole machine did.</param>
/// <param name="Throttled">How often the container's CPU quota stopped the reader.</param>
internal sealed record Noise(double SpinUs, double SpinSpread, Unrest Unrest, long Throttled);

/// <summary>A setting and all its sources.</summary>
internal sealed record Phase(Setting Setting, IReadOnlyList<Measurement> Measurements, Noise Noise)
{
    public Measurement? Of(string source) => Measurements.FirstOrDefault(m => m.Source == source);

    /// <summary>How many times as long one takes as the other; null when one of them is not there.</summary>
    public double? TimeRatio(string slow, string fast) => Samples.Ratio(Of(slow)?.MedianUs, Of(fast)?.MedianUs);

    public double? LowRatio(string slow, string fast) => Samples.Ratio(Of(slow)?.LowUs, Of(fast)?.LowUs);

    public double? P99Ratio(string slow, string fast) => Samples.Ratio(Of(slow)?.P99Us, Of(fast)?.P99Us);

    public double? CpuRatio(string slow, string fast) => Samples.Ratio(Of(slow)?.CpuUs, Of(fast)?.CpuUs);
}
