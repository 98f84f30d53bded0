using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests.Support;

/// <summary>Processes by the test's own reading of /proc. All of them may be gone at any moment.</summary>
internal static class Processes
{
    /// <summary>The children of a process, whichever of its threads made them; fast, because tests race with what is asked about.</summary>
    public static IReadOnlyList<int> ChildrenOf(int pid)
    {
        List<int> children = [];
        try
        {
            foreach (string thread in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                children.AddRange(Read($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // The process is gone.
        }

        return children;
    }

    /// <summary>What mounts for a server; 0 when there is none.</summary>
    public static int AttacherOf(int server) => ChildrenOf(server).FirstOrDefault(child => CommandLine(child) is [_, "attacher", ..]);

    /// <summary>The parent of a process; 0 when it is gone.</summary>
    public static int ParentOf(int pid)
    {
        string stat = Read($"/proc/{pid}/stat");
        return stat.LastIndexOf(')') is > 0 and int end ? Number(stat[(end + 2)..].Split(' ')[1]) : 0;
    }

    /// <summary>All processes that have this in one of their arguments.</summary>
    public static IReadOnlyList<int> WithArgument(string argument) =>
        [.. Pids().Where(pid => CommandLine(pid).Any(a => a.Contains(argument, StringComparison.Ordinal)))];

    /// <summary>The arguments of a process; none when it is gone or a zombie.</summary>
    public static IReadOnlyList<string> CommandLine(int pid) => Read($"/proc/{pid}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What the descriptors of a process are: a path, "socket:[…]" and so on.</summary>
    public static IReadOnlyList<string> OpenFiles(int pid)
    {
        try
        {
            return [.. Directory.EnumerateFiles($"/proc/{pid}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "")];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>R, S, D, Z …; a blank when it is gone.</summary>
    public static char State(int pid) => State(Read($"/proc/{pid}/stat"));

    /// <summary>The states of all threads of a process, as <see cref="State(int)"/>.</summary>
    public static IReadOnlyList<char> ThreadStates(int pid) => [.. Threads(pid).Select(thread => State(Read($"{thread}/stat")))];

    /// <summary>The ids that all threads of a process have in its own pid namespace.</summary>
    public static IReadOnlyList<int> InnermostIds(int pid) => [.. Threads(pid).Select(thread => Read($"{thread}/status").Split('\n')
        .First(line => line.StartsWith("NSpid:", StringComparison.Ordinal)).Split('\t')[^1]).Select(Number)];

    /// <summary>Processes and threads that nothing can end or that nobody has waited for, among those whose name contains this.</summary>
    public static IReadOnlyList<string> Stuck(string name) => [.. Pids()
        .SelectMany(pid => Threads(pid))
        .Select(thread => Read($"{thread}/stat"))
        .Where(stat => State(stat) is 'D' or 'Z' && stat[..stat.LastIndexOf(')')].Contains(name, StringComparison.Ordinal))];

    /// <summary>Kills a process; 0, where there is none, would be this test and all that it has started.</summary>
    public static void Kill(int pid)
    {
        Assert.True(pid > 0, "there is nobody to kill");
        _ = Syscall.kill(pid, Signum.SIGKILL);
    }

    public static bool Ends(int pid, double seconds) => Pace.Until(seconds, () => State(pid) is ' ' or 'Z');

    private static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => char.IsAsciiDigit(n![0])).Select(n => Number(n!));

    private static string[] Threads(int pid)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{pid}/task");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static char State(string stat) => stat.LastIndexOf(')') is > 0 and int end && end + 2 < stat.Length ? stat[end + 2] : ' ';

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.Latin1);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
