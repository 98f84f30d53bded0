using System.Globalization;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Hook.Output;

/// <summary>
/// Tells what happened, in one line: to the host's log, by a datagram to /dev/log as syslog(3) sends it, and what somebody should do something
/// about also to standard error, which the runtime shows. Nobody who does not listen can hold it up.
/// </summary>
/// <param name="program">As "procfs hook".</param>
/// <param name="socket">The log's socket.</param>
/// <param name="standardError">Where warnings go, too.</param>
internal sealed class HookLog(string program, string socket = HookLog.DefaultSocket, int standardError = 2)
{
    public const string DefaultSocket = "/dev/log";

    private const int Daemon = 3 << 3; // LOG_DAEMON
    private const int Warning = 4;
    private const int Info = 6;
    private const int MostCharacters = 1000;

    /// <summary>Something that is as it should be.</summary>
    public void Inform(string sentence) => Send(Info, Plain(sentence));

    /// <summary>Something that somebody should look at.</summary>
    public void Warn(string sentence)
    {
        string line = Plain(sentence);
        Send(Warning, line);
        RawOutput.WriteAtOnce(standardError, $"{program}: {line}\n");
    }

    /// <summary>An id, or a path in a bundle, may hold anything: without control characters it is one line, and no escape sequence.</summary>
    private static string Plain(string sentence) => string.Create(Math.Min(sentence.Length, MostCharacters), sentence, static (line, text) =>
    {
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(text[i]) ? '?' : text[i];
        }
    });

    private void Send(int severity, string line)
    {
        int descriptor = Libc.LocalSocket(Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK);
        if (descriptor >= 0)
        {
            string message = string.Create(CultureInfo.InvariantCulture, $"<{Daemon | severity}>{program.Replace(' ', '-')}[{Environment.ProcessId}]: {line}");
            _ = Libc.SendMessage(descriptor, Libc.PathBytes(socket), Encoding.UTF8.GetBytes(message), [], Libc.MSG_DONTWAIT);
            _ = Libc.Close(descriptor);
        }
    }
}
