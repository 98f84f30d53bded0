namespace ProcFs.Keeping;

/// <summary>What a kept mount is in.</summary>
internal enum KeptMountState
{
    /// <summary>A server holds the journal's lock.</summary>
    Served,

    /// <summary>Nobody serves, and readers wait for the next server.</summary>
    Waiting,

    /// <summary>Nobody has served for too long: every request is answered EIO at once.</summary>
    Released,

    /// <summary>The connection is dead.</summary>
    Ended,
}
