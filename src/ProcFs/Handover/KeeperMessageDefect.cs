namespace ProcFs.Handover;

/// <summary>Why bytes are no message.</summary>
internal enum KeeperMessageDefect
{
    None,

    /// <summary>Another protocol, or none.</summary>
    Foreign,

    /// <summary>Ours, but not of version 1.</summary>
    OtherVersion,

    /// <summary>Version 1 does not have this kind.</summary>
    UnknownKind,

    /// <summary>Lengths or text are wrong.</summary>
    Malformed,
}
