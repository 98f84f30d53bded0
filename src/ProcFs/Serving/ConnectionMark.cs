namespace ProcFs.Serving;

/// <summary>
/// What tells a connection from all others for good. Device numbers are given again as soon as the last mount is gone, to daemons of other run directories
/// as well, and a dead mount in a container can be asked nothing. But mountinfo shows what a FUSE file system was mounted with: max_read, which
/// means nothing above the 256 pages that a READ asks for at most, holds a random number.
/// </summary>
internal static class ConnectionMark
{
    private const int Least = 1 << 30;

    /// <summary>For a new connection: a value for max_read, in bytes.</summary>
    public static uint New() => (uint)(Least + Random.Shared.Next(Least));
}
