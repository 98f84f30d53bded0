namespace ProcFs.Fuse;

/// <summary>Why a connection has ended.</summary>
public enum ConnectionEnd
{
    /// <summary>The last mount is gone: the device answered ENODEV. Also an abort, where the kernel cannot tell the two apart.</summary>
    Unmounted = 0,

    /// <summary>Aborted through fusectl: ECONNABORTED.</summary>
    Aborted = 1,

    /// <summary>The device answered something that leaves nothing to do; the log says what.</summary>
    Failed = 2,
}
