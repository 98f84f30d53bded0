using System.Globalization;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Hook.Output;

/// <summary>
/// Tells what happened, in one line: to the host's log, by a datagram to /dev/log as syslog(3) sends it, and what somebody should do something
/// about also to standard error, which the runtime shows. The event's number comes before its sentence in the host's log. Nobody who does not listen can hold it up.
/// </summary>
/// <param name="program">As "procfs hook".</param>
/// <param name="socket">The log's socket.</param>
/// <param name="standardError">Where warnings go, too.</param>
/// <param name="gate">Which warnings the host's log does not get; null: it gets all.</param>
internal sealed class HookLog(string program, string socket = HookLog.DefaultSocket, int standardError = 2, RepeatGate? gate = null)
{
    public const string DefaultSocket = "/dev/log";

    private const int Daemon = 3 << 3; // LOG_DAEMON
    private const int Warning = 4;
    private const int Info = 6;
    private const int MostCharacters = 1000;

    /// <summary>Whether somebody should do something about what is told.</summary>
    public static bool IsWarning(HookEvent what) => what >= HookEvent.WrongUse;

    public void Tell(HookEvent what, string sentence)
    {
        string line = Plain(sentence);
        if (!IsWarning(what))
        {
            Send(Info, what, line);
            return;
        }

        // Standard error first: it is of this call alone, and whoever made that wants to know.
        RawOutput.WriteAtOnce(standardError, $"{program}: {line}\n");
        long leftOut = 0;
        if (gate is null || gate.Admits(what, line, Environment.TickCount64, out leftOut))
        {
            Send(Warning, what, leftOut > 0 ? string.Create(CultureInfo.InvariantCulture, $"{line} (and {leftOut} like this before, which were left out)") : line);
        }
    }

    /// <summary>An id, or a path in a bundle, may hold anything: without control characters it is one line, and no escape sequence.</summary>
    private static string Plain(string sentence) => string.Create(Math.Min(sentence.Length, MostCharacters), sentence, static (line, text) =>
    {
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(text[i]) ? '?' : text[i];
        }
    });

    private void Send(int severity, HookEvent what, string line)
    {
        int descriptor = Libc.LocalSocket(Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK);
        if (descriptor >= 0)
        {
            string message = string.Create(CultureInfo.InvariantCulture, $"<{Daemon | severity}>{program.Replace(' ', '-')}[{Environment.ProcessId}]: [{(int)what}] {line}");
            _ = Libc.SendMessage(descriptor, Libc.PathBytes(socket), Encoding.UTF8.GetBytes(message), [], Libc.MSG_DONTWAIT);
            _ = Libc.Close(descriptor);
        }
    }
}
