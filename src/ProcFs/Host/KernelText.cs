using ProcFs.Interop;

namespace ProcFs.Host;

/// <summary>Reads files of /proc, whose sizes lie, whole: until a read returns nothing, however long they are.</summary>
internal static class KernelText
{
    /// <summary>
    /// Reads an open file from its start into a buffer that grows as needed. The length of the text, or -errno.
    /// An error after the first part counts as an error of the whole: half a text is never shown.
    /// </summary>
    public static int Read(int fd, ref byte[] buffer)
    {
        int length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            nint count = Libc.Pread(fd, buffer.AsSpan(length), length);
            if (count <= 0)
            {
                return count < 0 ? (int)count : length;
            }

            length += (int)count;
        }
    }

    /// <summary>Opens, reads and closes a file (its path ends in NUL) relative to a directory descriptor. The length, or -errno.</summary>
    public static int Read(int directory, ReadOnlySpan<byte> path, ref byte[] buffer)
    {
        int fd = Libc.OpenAt(directory, path, Libc.O_RDONLY);
        if (fd < 0)
        {
            return fd;
        }

        int length = Read(fd, ref buffer);
        Libc.Close(fd);
        return length;
    }
}
