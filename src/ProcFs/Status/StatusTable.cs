using System.Globalization;
using System.Text;
using ProcFs.Metrics;
using ProcFs.Serving;

namespace ProcFs.Status;

/// <summary>A report for people.</summary>
internal static class StatusTable
{
    private const int ShortId = 12;

    /// <param name="report">What was found out.</param>
    /// <param name="withWhy">Also the rule behind each number.</param>
    public static string Format(StatusReport report, bool withWhy)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{report.Mount}: {Server(report)}, {report.Containers.Count} container(s) registered\n");
        if (report.Counts is not null)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"since boot: {report.Reads} reads, {report.RestartsSurvived} restart(s) survived, {report.Fallbacks} fallback(s), {report.Absent} time(s) data absent, {report.Stalls} stall(s)\n");
        }
        else if (report.Defect is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"nothing is known of reads: {report.Defect}\n");
        }

        if (report.Containers.Count > 0)
        {
            AppendContainers(report, withWhy, text);
        }

        return text.ToString();
    }

    /// <summary>"4 s", "3 min", "2 h", "5 d": the larger one of two units will do.</summary>
    public static string Age(TimeSpan age) => age.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalSeconds} s")
        : age.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalMinutes} min")
        : age.TotalDays < 1 ? string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalHours} h")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalDays} d");

    private static string Server(StatusReport report)
    {
        DaemonState daemon = report.Daemon;
        string server = string.Create(CultureInfo.InvariantCulture, $"served by process {daemon.Pid}");
        return report.State switch
        {
            HealthState.Unserved => "nobody serves it",
            HealthState.Starting => string.Create(CultureInfo.InvariantCulture, $"process {daemon.Pid} is about to serve it"),
            HealthState.Stopped => $"{server}, which was stopped by a signal",
            HealthState.Hangs => $"{server}, which hangs: no sign of life for {Age(daemon.Silence ?? TimeSpan.Zero)}",
            HealthState.Unmounted => $"{server}, whose files are not mounted there",
            _ => server + VersionAndAge(report),
        };
    }

    private static string VersionAndAge(StatusReport report) => report.Counts is { } counts && counts.Header.Pid == report.Daemon.Pid
        ? $" ({counts.Version}, for {Age(DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(counts.Header.StartedMs, 0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())))})"
        : "";

    private static void AppendContainers(StatusReport report, bool withWhy, StringBuilder text)
    {
        List<string[]> rows = [["CONTAINER", "PID", "NUMBER", "FILES", "CPUS", "MEMORY", "SWAP", "BTIME", "OFF", "READS", "READS/S", "LAST READ"]];
        rows.AddRange(report.Containers.Select(container => Row(container, report.Daemon.IsServed)));
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Count; i++)
        {
            text.Append(string.Join("  ", rows[i].Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
            foreach (ExplainedValue value in withWhy && i > 0 ? report.Containers[i - 1].Values : [])
            {
                text.Append(CultureInfo.InvariantCulture, $"  {value.Name}: {value.Value}: {value.Why}\n");
            }
        }
    }

    private static string[] Row(ContainerStatus container, bool isServed) =>
    [
        container.Entry.Id.Length > 2 * ShortId ? container.Entry.Id[..ShortId] : container.Entry.Id,
        container.Entry.Pid.ToString(CultureInfo.InvariantCulture),
        container.Number > 0 ? container.Number.ToString(CultureInfo.InvariantCulture) : "-",
        Files(container.Mounts, isServed, container.Entry.IsDetached),
        container["cpus"], container["memory"], container["swap"], container["btime"], container["off"],
        container.Reads?.ToString(CultureInfo.InvariantCulture) ?? "-",
        container.ReadsPerSecond?.ToString("0.#", CultureInfo.InvariantCulture) ?? "-",
        container.SinceRead is { } since ? Age(since) + " ago" : "-",
    ];

    /// <summary>"11 own", "2 own, 9 common", "11 own, unserved", "11 dead", "none", "detached".</summary>
    private static string Files(MountCounts? mounts, bool isServed, bool isDetached)
    {
        if (mounts is not { } found)
        {
            return "unknown";
        }

        List<string> parts = [];
        (int Count, string Word)[] kinds = [(found.Own, "own"), (found.Common, "common"), (found.Dead, "dead")];
        parts.AddRange(kinds.Where(kind => kind.Count > 0).Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Count} {kind.Word}")));
        if (found.Current > 0 && !isServed)
        {
            parts.Add("unserved");
        }

        return parts.Count > 0 ? string.Join(", ", parts) : isDetached ? "detached" : "none";
    }
}
