namespace ProcFs.Handover;

/// <summary>What came of asking a keeper.</summary>
internal enum KeeperOutcome
{
    /// <summary>It did what it was asked.</summary>
    Done,

    /// <summary>It keeps nothing for that mount.</summary>
    Nothing,

    /// <summary>Nobody listens in the run directory.</summary>
    NoKeeper,

    /// <summary>Somebody listens, but did not answer in time, or not in a way that can be understood.</summary>
    NoAnswer,

    /// <summary>It says why it does not.</summary>
    Refused,
}
