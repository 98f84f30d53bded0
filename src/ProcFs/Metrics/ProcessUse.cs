using System.Globalization;

namespace ProcFs.Metrics;

/// <summary>What a process uses, as its procfs files have it. These ask no filesystem, and take no lock that a page fault may hold.</summary>
/// <param name="ResidentBytes">RSS.</param>
/// <param name="CpuNs">User and system time.</param>
internal readonly record struct ProcessUse(long ResidentBytes, long CpuNs)
{
    private const long TickNs = 10_000_000; // USER_HZ is 100 everywhere

    /// <summary>Null: it is gone.</summary>
    public static ProcessUse? Read(string procRoot, int pid)
    {
        try
        {
            string directory = string.Create(CultureInfo.InvariantCulture, $"{procRoot}/{pid}");
            return Parse(File.ReadAllText(directory + "/statm"), File.ReadAllText(directory + "/stat"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Null: the texts are not what they should be.</summary>
    public static ProcessUse? Parse(string statm, string stat)
    {
        // proc_pid_statm(5): size resident …, in pages. proc_pid_stat(5): behind the name in parentheses, state is (3), utime (14), stime (15).
        string[] pages = statm.Split(' ');
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return pages.Length > 1 && TryParse(pages[1], out long resident) && fields.Length > 12 && TryParse(fields[11], out long user) && TryParse(fields[12], out long system)
            ? new ProcessUse(resident * Environment.SystemPageSize, (user + system) * TickNs)
            : null;
    }

    private static bool TryParse(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
