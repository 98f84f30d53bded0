namespace ProcFs.Status;

/// <summary>Whether whoever binds the common files of a mount can read them.</summary>
internal enum HealthState
{
    /// <summary>A daemon serves the mount and has said lately that it is well.</summary>
    Served,

    /// <summary>No daemon has the mount point. Its readers wait when somebody keeps the connection, and get errors otherwise.</summary>
    Unserved,

    /// <summary>A daemon has the mount point and does not serve yet.</summary>
    Starting,

    /// <summary>The daemon was stopped by a signal.</summary>
    Stopped,

    /// <summary>The daemon has not said for too long that it is well.</summary>
    Hangs,

    /// <summary>The daemon is well, and what it serves is not on the mount point.</summary>
    Unmounted,
}
