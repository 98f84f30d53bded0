namespace ProcFs.Handover;

/// <summary>The kinds of messages of version 1. Requests below 128, answers from there on. The numbers never change.</summary>
internal enum KeeperMessageKind : ushort
{
    /// <summary>Keep these two for a mount (payload: its path; device and journal). Answered by OK or ERROR.</summary>
    Keep = 1,

    /// <summary>Give what you keep for a mount (payload: its path). Answered by GIVEN, NOTHING or ERROR.</summary>
    Take = 2,

    /// <summary>A mount ends for good (payload: its path). Answered when it is done, by OK or ERROR.</summary>
    End = 3,

    /// <summary>What do you keep? Answered by LISTED.</summary>
    List = 4,

    Ok = 128,

    /// <summary>Payload: one sentence.</summary>
    Error = 129,

    /// <summary>Payload: the mount's path; with copies of device and journal.</summary>
    Given = 130,

    Nothing = 131,

    /// <summary>Payload: one line for each mount.</summary>
    Listed = 132,
}
