namespace ProcFs.Hook.Attaching;

/// <summary>By what a mount is known as ours: all of it must fit.</summary>
/// <param name="LiveMinor">The device minor of the connection that is served now; 0: none is.</param>
/// <param name="PastMinors">Those of all connections of ours since boot, dead ones among them.</param>
public sealed record OwnMounts(uint LiveMinor, IReadOnlySet<uint> PastMinors)
{
    /// <summary>The type in mountinfo.</summary>
    public const string Type = "fuse.procfs";

    /// <summary>The source in mountinfo.</summary>
    public const string Source = "procfs";
}
