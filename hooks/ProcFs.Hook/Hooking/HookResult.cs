using ProcFs.Hook.Output;

namespace ProcFs.Hook.Hooking;

/// <summary>How a hook ends.</summary>
/// <param name="What">The kind of end.</param>
/// <param name="Sentence">For the log.</param>
internal readonly record struct HookResult(HookEvent What, string Sentence)
{
    /// <summary>Something was wanted and not done: --strict makes an error of it.</summary>
    public bool IsFailure => HookLog.IsWarning(What);
}
