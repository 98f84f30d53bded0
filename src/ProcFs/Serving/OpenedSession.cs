using ProcFs.Fuse;

namespace ProcFs.Serving;

/// <summary>What the daemon is to serve: a connection to the kernel and the memory that outlives the daemon.</summary>
/// <param name="Device">The connection.</param>
/// <param name="Journal">Locked: no other server works on it.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record OpenedSession(FuseDevice Device, Journal Journal, SessionOrigin Origin) : IDisposable
{
    public void Dispose()
    {
        Device.Dispose();
        Journal.Dispose();
    }
}

/// <summary>How a session came to be.</summary>
internal enum SessionOrigin
{
    /// <summary>Device and journal are new; to be mounted.</summary>
    Fresh,

    /// <summary>Both are a predecessor's, which did not come to mount; to be mounted.</summary>
    NotMounted,

    /// <summary>Both are a predecessor's; what it owed is in the journal.</summary>
    Resumed,

    /// <summary>The device is a predecessor's; its journal is lost, and only the kernel knows what it owed.</summary>
    WithoutJournal,
}
