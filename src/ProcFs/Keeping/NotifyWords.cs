namespace ProcFs.Keeping;

/// <summary>What a server says to its manager, sd_notify(3); the words that mean something here.</summary>
[Flags]
internal enum NotifyWords
{
    None = 0,

    /// <summary>READY=1</summary>
    Ready = 1,

    /// <summary>WATCHDOG=1</summary>
    Watchdog = 2,

    /// <summary>FDSTORE=1</summary>
    Store = 4,

    /// <summary>FDSTOREREMOVE=1</summary>
    Forget = 8,

    /// <summary>BARRIER=1: its descriptor is to be closed when everything before it is done.</summary>
    Barrier = 16,
}
