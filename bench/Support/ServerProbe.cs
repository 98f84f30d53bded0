using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>What a server has used since it started.</summary>
/// <param name="CpuNs">Of all its threads, also those that have ended.</param>
/// <param name="ContextSwitches">Per thread that runs now: by its own will and not.</param>
internal sealed record ServerUse(long CpuNs, IReadOnlyDictionary<int, long> ContextSwitches)
{
    public static ServerUse operator -(ServerUse after, ServerUse before) => new(
        after.CpuNs - before.CpuNs,
        after.ContextSwitches.ToDictionary(t => t.Key, t => t.Value - before.ContextSwitches.GetValueOrDefault(t.Key)));

    /// <summary>Of all threads. What a thread did that ended meanwhile is not in it.</summary>
    public long Switches => ContextSwitches.Values.Sum();
}

/// <summary>The memory of a server.</summary>
/// <param name="RssKib">Resident, with what it shares.</param>
/// <param name="PssKib">Its fair part of what it shares.</param>
/// <param name="AnonymousKib">Its own alone: heap and stacks.</param>
/// <param name="Descriptors">Open descriptors.</param>
internal sealed record ServerMemory(long RssKib, long PssKib, long AnonymousKib, int Descriptors);

/// <summary>Looks at a server from outside, by the kernel's own counters.</summary>
internal static class ServerProbe
{
    /// <exception cref="BenchFailure">The process is gone.</exception>
    public static ServerUse Use(int pid)
    {
        Dictionary<int, long> switches = [];
        foreach (string thread in Tasks(pid))
        {
            string status = Processes.Read($"{thread}/status");
            switches[int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture)] = Value(status, "voluntary_ctxt_switches:") + Value(status, "nonvoluntary_ctxt_switches:");
        }

        return new ServerUse(CpuNs(pid), switches);
    }

    /// <summary>The CPU time of a process in nanoseconds, as clock_getcpuclockid(3) finds it: not in ticks, and with the threads that have ended, which lxcfs's do.</summary>
    /// <exception cref="BenchFailure">The process is gone.</exception>
    public static long CpuNs(int pid)
    {
        const int perProcessScheduled = 2;
        try
        {
            return Libc.ClockNanoseconds((~pid << 3) | perProcessScheduled);
        }
        catch (InvalidOperationException)
        {
            throw new BenchFailure($"the server with pid {pid} has ended");
        }
    }

    /// <exception cref="BenchFailure">The process is gone.</exception>
    public static ServerMemory Memory(int pid)
    {
        string text = Processes.Read($"/proc/{pid}/smaps_rollup");
        return text.Length == 0
            ? throw new BenchFailure($"the server with pid {pid} has ended")
            : new ServerMemory(Value(text, "Rss:"), Value(text, "Pss:"), Value(text, "Anonymous:"), Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length);
    }

    private static string[] Tasks(int pid)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{pid}/task");
        }
        catch (DirectoryNotFoundException)
        {
            throw new BenchFailure($"the server with pid {pid} has ended");
        }
    }

    /// <summary>The number behind a name at the start of a line; 0 when a thread is gone.</summary>
    private static long Value(string text, string name)
    {
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return long.Parse(line[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }
}
