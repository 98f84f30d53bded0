using System.Diagnostics;
using System.Text;
using ProcFs.Children;
using ProcFs.Interop;

namespace ProcFs.Doctor;

/// <summary>Programs of the host that are asked something: with a time limit, after which they are ended.</summary>
internal static class HostProgram
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMilliseconds(500);

    private const int MostBytes = 64 << 10;

    /// <summary>What it wrote to its standard output; null when it cannot be started or did not end in time.</summary>
    /// <param name="command">Found by the PATH.</param>
    public static string? Ask(IReadOnlyList<string> command)
    {
        if (Libc.Pipe(out int readEnd, out int writeEnd) < 0)
        {
            return null;
        }

        using FileDescriptor output = new(readEnd);
        int pid;
        using (FileDescriptor input = new(writeEnd))
        {
            pid = Libc.Spawn("/bin/sh", ["sh", "-c", "exec \"$@\" >&3 2>/dev/null </dev/null 3>&-", "sh", .. command],
                [.. ChildEnvironment.Of(Environment.GetEnvironmentVariables()), "LC_ALL=C", "SYSTEMD_PAGER="], [input.Number]);
        }

        if (pid <= 0)
        {
            return null;
        }

        string? text = ReadAll(output.Number);
        if (text is null)
        {
            _ = Libc.Kill(pid, Libc.SIGKILL);
        }

        // Its output has ended, or it was killed: its own end is near, and not waited for.
        _ = Libc.TakeEnded(pid, out _);
        return text;
    }

    private static string? ReadAll(int output)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] buffer = new byte[MostBytes];
        int length = 0;
        while (length < buffer.Length)
        {
            Libc.PollFd look = new() { Fd = output, Events = Libc.POLLIN };
            int left = (int)(AnswersWithin - Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
            if (left <= 0 || Libc.Poll(new Span<Libc.PollFd>(ref look), left) <= 0)
            {
                return null;
            }

            nint count = Libc.Read(output, buffer.AsSpan(length));
            if (count <= 0)
            {
                break;
            }

            length += (int)count;
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
