using System.Diagnostics;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Doctor;

/// <summary>The kernel's log (/dev/kmsg): one record for each read(2), and EAGAIN at its end.</summary>
internal static class KernelLog
{
    private const int MostBytes = 4 << 20;

    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(200);

    /// <summary>All that is in it; empty when it may not be read (CAP_SYSLOG).</summary>
    public static string Read()
    {
        using FileDescriptor? log = FileDescriptor.Open("/dev/kmsg", Libc.O_RDONLY | Libc.O_NONBLOCK, out _);
        long start = Stopwatch.GetTimestamp();
        StringBuilder text = new();
        byte[] record = new byte[8192]; // as the kernel has them
        while (log is not null && text.Length < MostBytes && Stopwatch.GetElapsedTime(start) < Within)
        {
            nint length = Libc.Read(log.Number, record);
            if (length <= 0 && Libc.ErrorOf(length) != Errno.EPIPE) // EPIPE: overwritten meanwhile; the next one is there
            {
                break;
            }

            text.Append(Encoding.UTF8.GetString(record, 0, (int)Math.Max(0, length)));
        }

        return text.ToString();
    }
}
