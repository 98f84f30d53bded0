using System.Text;
using ProcFs.Interop;

namespace ProcFs.Hook.Output;

/// <summary>Writes text to a descriptor: the Console class would cost more time than all the rest of a hook.</summary>
internal static class RawOutput
{
    public const int StandardOutput = 1;
    public const int StandardError = 2;

    private const int PipeBuffer = 4096; // PIPE_BUF: what a pipe that is ready for more takes without a wait

    /// <summary>Writes a line of up to 4096 bytes, or nothing when nobody has read what came before: it never waits.</summary>
    public static void WriteAtOnce(int descriptor, string line)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(line);
        Span<Libc.PollFd> poll = [new Libc.PollFd { Fd = descriptor, Events = Libc.POLLOUT }];
        if (Libc.Poll(poll, 0) > 0 && (poll[0].Revents & Libc.POLLOUT) != 0)
        {
            _ = Libc.Write(descriptor, bytes[..Math.Min(bytes.Length, PipeBuffer)]);
        }
    }

    /// <summary>As much as is taken at once; nobody can be told that it was less.</summary>
    public static void Write(int descriptor, string text)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (!rest.IsEmpty && Libc.Write(descriptor, rest) is > 0 and nint written)
        {
            rest = rest[(int)written..];
        }
    }
}
