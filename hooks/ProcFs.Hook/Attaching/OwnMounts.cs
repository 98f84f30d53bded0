namespace ProcFs.Hook.Attaching;

/// <summary>By what a mount is known as ours: all of it must fit.</summary>
/// <param name="LiveMinor">The device minor of the connection that is served now; 0: none is.</param>
/// <param name="PastMinors">Those of the connections since boot that have no mark, dead ones among them.</param>
public sealed record OwnMounts(uint LiveMinor, IReadOnlySet<uint> PastMinors)
{
    /// <summary>
    /// The others since boot: device minor, which others may have been given since, and mark, which nobody else has (max_read in mountinfo).
    /// </summary>
    public IReadOnlySet<(uint Minor, uint Mark)> Marked { get; init; } = new HashSet<(uint, uint)>();

    /// <summary>The type in mountinfo.</summary>
    public const string Type = "fuse.procfs";

    /// <summary>The source in mountinfo.</summary>
    public const string Source = "procfs";
}
