namespace ProcFs.Hook.Control;

/// <summary>What came of asking the daemon.</summary>
/// <param name="Answer">What it said, an error of its own among that; null: it said nothing.</param>
/// <param name="Defect">One sentence that says why there is no answer; empty when there is.</param>
/// <param name="IsAbsent">There is no answer because nobody serves in this run directory.</param>
public sealed record ControlReply(ControlAnswer? Answer, string Defect = "", bool IsAbsent = false)
{
    /// <summary>Why what was asked for was not done, in one sentence; null: it was.</summary>
    public string? Failure => Answer is null ? Defect : Answer.Error;
}
