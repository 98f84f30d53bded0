using ProcFs.Interop;

namespace ProcFs.Hook.Reading;

/// <summary>Reads files and streams that may be larger than they should, or hostile: never more than a bound, never for ever.</summary>
internal static class BoundedRead
{
    private const int FirstBuffer = 8 * 1024;

    /// <summary>What becomes of a path that ends in a symbolic link.</summary>
    public enum Links
    {
        /// <summary>It is not read.</summary>
        Refused,

        /// <summary>The file that it leads to is read.</summary>
        Followed,
    }

    /// <inheritdoc cref="File(int, string, int, Links, out string, out Errno)"/>
    public static byte[]? File(int directory, string path, int most, out string defect, out Errno error)
        => File(directory, path, most, Links.Refused, out defect, out error);

    /// <summary>A regular file, whole. Null: what is wrong is in <paramref name="defect"/>, without the path.</summary>
    /// <param name="directory">What the path is relative to, or <see cref="Libc.AT_FDCWD"/>.</param>
    /// <param name="path">The file.</param>
    /// <param name="most">In bytes.</param>
    /// <param name="links">About its last component.</param>
    /// <param name="defect">As "No such file or directory"; empty when all is well.</param>
    /// <param name="error">The kernel's part of it.</param>
    public static byte[]? File(int directory, string path, int most, Links links, out string defect, out Errno error)
    {
        // Without O_NONBLOCK the open of a FIFO would wait for a writer.
        int flags = Libc.O_RDONLY | Libc.O_NONBLOCK | (links == Links.Refused ? Libc.O_NOFOLLOW : 0);
        using FileDescriptor? file = FileDescriptor.OpenAt(directory, Libc.PathBytes(path), flags, out error);
        if (file is null)
        {
            defect = error == Errno.ELOOP ? "it is a symbolic link" : Libc.Describe(error);
            return null;
        }

        error = Libc.ErrorOf(Libc.Statx(file.Number, [0], Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status));
        if (error != Errno.None)
        {
            defect = Libc.Describe(error);
            return null;
        }

        if ((status.Mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            defect = "it is no regular file";
            return null;
        }

        return Stream(file.Number, most, (int)Math.Min(status.Size, (ulong)most) + 1, -1, out defect, out error);
    }

    /// <summary>A stream up to its end, for as long as there is time.</summary>
    /// <param name="fd">Stays open.</param>
    /// <param name="most">In bytes.</param>
    /// <param name="until">When time is up, on <see cref="Environment.TickCount64"/>.</param>
    /// <param name="defect">What is wrong; empty when all is well.</param>
    public static byte[]? Stream(int fd, int most, long until, out string defect) => Stream(fd, most, FirstBuffer, until, out defect, out _);

    private static byte[]? Stream(int fd, int most, int first, long until, out string defect, out Errno error)
    {
        byte[] buffer = new byte[first];
        int length = 0;
        error = Errno.None;
        while (true)
        {
            if (until >= 0 && !IsReadable(fd, until))
            {
                defect = "its end did not come in time";
                return null;
            }

            nint read = Libc.Read(fd, buffer.AsSpan(length));
            error = Libc.ErrorOf(read);
            if (error != Errno.None)
            {
                defect = Libc.Describe(error);
                return null;
            }

            if (read == 0)
            {
                Array.Resize(ref buffer, length);
                defect = "";
                return buffer;
            }

            length += (int)read;
            if (length > most)
            {
                Drain(fd, until);
                defect = most >= 1 << 20 ? $"it is longer than {most >> 20} MiB" : $"it is longer than {most >> 10} KiB";
                return null;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min((long)length * 2, (long)most + 1));
            }
        }
    }

    /// <summary>Takes what is left of a stream: whoever writes it could fail when nobody does.</summary>
    private static void Drain(int fd, long until)
    {
        byte[] buffer = new byte[64 * 1024];
        while (until >= 0 && IsReadable(fd, until) && Libc.Read(fd, buffer) > 0)
        {
        }
    }

    private static bool IsReadable(int fd, long until)
    {
        Span<Libc.PollFd> look = [new Libc.PollFd { Fd = fd, Events = Libc.POLLIN }];
        long left = until - Environment.TickCount64;
        return left > 0 && Libc.Poll(look, (int)Math.Min(left, int.MaxValue)) > 0;
    }
}
