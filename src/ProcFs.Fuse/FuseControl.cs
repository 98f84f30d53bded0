using System.Globalization;

namespace ProcFs.Fuse;

/// <summary>
/// fusectl, the kernel's own view of connections (Documentation/filesystems/fuse). A connection's number is the minor of its mount's
/// device: <see cref="MountPointState.DeviceMinor"/>. None of this waits for a server.
/// </summary>
public static class FuseControl
{
    private const string Root = "/sys/fs/fuse/connections";

    /// <summary>How many requests wait: queued ones and ones that were read but not answered. Null when fusectl or the connection is not there.</summary>
    public static long? Waiting(uint connection) => Waiting(connection, Root);

    /// <summary>Ends a connection: whoever waits gets ECONNABORTED, and later users ENOTCONN. False when fusectl or the connection is not there.</summary>
    public static bool Abort(uint connection) => Abort(connection, Root);

    internal static long? Waiting(uint connection, string root)
    {
        try
        {
            string text = File.ReadAllText(PathOf(connection, "waiting", root));
            return long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long waiting) ? waiting : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static bool Abort(uint connection, string root)
    {
        try
        {
            // Never made: in a directory that is no fusectl there is nothing to abort.
            using FileStream file = new(PathOf(connection, "abort", root), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write("1"u8);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string PathOf(uint connection, string file, string root)
        => string.Create(CultureInfo.InvariantCulture, $"{root}/{connection}/{file}");
}
