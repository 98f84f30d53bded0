namespace ProcFs.Hook.Hooking;

/// <summary>How a hook ends.</summary>
/// <param name="Sentence">For the log.</param>
/// <param name="IsFailure">Something was wanted and not done: --strict makes an error of it.</param>
internal readonly record struct HookResult(string Sentence, bool IsFailure);
