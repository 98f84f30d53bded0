using ProcFs.Interop;

namespace ProcFs.Metrics;

/// <summary>A socket that takes connections at a <see cref="MetricsAddress"/>.</summary>
internal static class MetricsListener
{
    private const uint OwnerReadWrite = 0x180; // 0600
    private const int Backlog = 16;

    /// <summary>Opens one, non-blocking. A socket that nobody listens on any more is replaced, anything else that has its name is left alone.</summary>
    /// <param name="address">Where.</param>
    /// <param name="defect">Why not, in one sentence.</param>
    public static FileDescriptor? Open(MetricsAddress address, out string? defect)
    {
        int number = address.Path is null ? Libc.TcpSocket(address.IsV6, Libc.SOCK_NONBLOCK) : Libc.LocalSocket(Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK);
        if (number < 0)
        {
            Errno error = Libc.ErrorOf(number);
            string help = error == Errno.EAFNOSUPPORT ? "the service's unit allows no network, or this host has none: use a unix socket, or see docs/metrics.md" : "choose another address";
            defect = $"metrics cannot be served at {address}: {Libc.Describe(error)}; {help}";
            return null;
        }

        FileDescriptor listener = new(number);
        int result = address.Path is null ? Libc.BindLoopback(number, address.IsV6, address.Port) : BindPath(number, address.Path);
        result = result < 0 ? result : Libc.Listen(number, Backlog);
        defect = result < 0 ? $"metrics cannot be served at {address}: {Libc.Describe(Libc.ErrorOf(result))}; free it, or choose another address" : null;
        if (result >= 0)
        {
            return listener;
        }

        listener.Dispose();
        return null;
    }

    private static int BindPath(int listener, string path)
    {
        // Only root may talk to it.
        int result = Libc.ChangeMode(listener, OwnerReadWrite);
        if (result < 0)
        {
            return result;
        }

        byte[] name = Libc.PathBytes(path);
        result = Libc.Bind(listener, name);
        if (Libc.ErrorOf(result) != Errno.EADDRINUSE || !IsLeftOver(name))
        {
            return result;
        }

        _ = Libc.UnlinkAt(Libc.AT_FDCWD, name);
        return Libc.Bind(listener, name);
    }

    /// <summary>A socket that refuses connections: whoever has made it is gone.</summary>
    private static bool IsLeftOver(byte[] name)
    {
        if (Libc.Statx(Libc.AT_FDCWD, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) < 0
            || (status.Mode & Libc.S_IFMT) != Libc.S_IFSOCK)
        {
            return false;
        }

        using FileDescriptor visitor = new(Libc.LocalSocket(Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK));
        return Libc.ErrorOf(Libc.Connect(visitor.Number, name)) == Errno.ECONNREFUSED;
    }
}
