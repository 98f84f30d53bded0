using System.Text;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>Processes of the host by /proc. Each of them may be gone at any moment.</summary>
internal static class Processes
{
    /// <summary>The arguments of a process, NUL between them; empty when it is gone or a zombie.</summary>
    public static string CommandLine(int pid) => Read($"/proc/{pid}/cmdline");

    /// <summary>Ends a process by its number, and waits until it is gone, at most five seconds.</summary>
    public static void End(int pid, int signal = Libc.SIGKILL)
    {
        _ = Libc.Kill(pid, signal);
        _ = Wait.Until(TimeSpan.FromSeconds(5), () => CommandLine(pid).Length == 0);
    }

    /// <summary>When it started, in clock ticks since boot: with its number, what no other process has. Empty when it is gone.</summary>
    public static string StartTime(int pid)
    {
        string stat = Read($"/proc/{pid}/stat");
        int end = stat.LastIndexOf(')');
        return end < 0 ? "" : stat[(end + 2)..].Split(' ')[19]; // field 22; the first after the name is 3
    }

    /// <summary>A file of /proc; empty when the process is gone.</summary>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.Latin1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
