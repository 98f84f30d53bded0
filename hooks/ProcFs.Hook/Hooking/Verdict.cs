namespace ProcFs.Hook.Hooking;

/// <summary>What is to be done for one container.</summary>
/// <param name="Skip">Why nothing is, as "it opts out"; null: it gets files.</param>
/// <param name="Files">Which; null: all that are served.</param>
/// <param name="CpuView">As <see cref="Registration.RegistryEntry.CpuView"/>.</param>
/// <param name="Remarks">What could not be understood and so did not count, one sentence each.</param>
internal sealed record Verdict(string? Skip, IReadOnlyList<string>? Files, string? CpuView, IReadOnlyList<string> Remarks);
