namespace ProcFs.Hook.Attaching;

/// <summary>What an attach or detach did to one mount namespace.</summary>
/// <param name="Refusal">Why nothing at all was touched, in one sentence; null: something could be done.</param>
/// <param name="Files">What became of each file asked for; empty after a refusal.</param>
public sealed record AttachReport(string? Refusal, IReadOnlyList<AttachedFile> Files);

/// <summary>One file of an <see cref="AttachReport"/>.</summary>
/// <param name="File">As "proc/meminfo".</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">The kernel's error number (errno), where the outcome is <see cref="AttachOutcome.Failed"/>; else 0.</param>
public readonly record struct AttachedFile(string File, AttachOutcome Outcome, int Error = 0);
