namespace ProcFs.Handover;

/// <summary>A keeper's answer.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Text">The list; with anything but <see cref="KeeperOutcome.Done"/> and <see cref="KeeperOutcome.Nothing"/> one sentence that says why; else empty.</param>
internal readonly record struct KeeperAnswer(KeeperOutcome Outcome, string Text)
{
    public bool IsDone => Outcome == KeeperOutcome.Done;
}
