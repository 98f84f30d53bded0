namespace ProcFs.Hook.Hooking;

/// <summary>What is to be done for one container.</summary>
/// <param name="Skip">Why nothing is, as "it opts out"; null: it gets files.</param>
/// <param name="Files">Which; null: all that are served.</param>
/// <param name="View">As <see cref="Registration.RegistryEntry.View"/>.</param>
/// <param name="Remarks">What could not be understood and so did not count, one sentence each.</param>
internal sealed record Verdict(string? Skip, IReadOnlyList<string>? Files, IReadOnlyDictionary<string, string> View, IReadOnlyList<string> Remarks);
