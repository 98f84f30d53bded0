using System.Globalization;
using System.Text.RegularExpressions;

namespace ProcFs.Bench;

/// <summary><c>procfs serve</c> whose start is watched: nothing waits for it here. A name that a server had before gives it that one's places.</summary>
internal sealed partial class TimedServer(Site site, string name)
    : Server(site, name, site.NewDirectory(name), ProcFsServer.Program, "serve", "--mount", site.NewDirectory(name + "/mount"), "--run-dir", $"{site.Scratch}/{name}/run")
{
    /// <summary>A file that has an answer as soon as it serves.</summary>
    public static string FileOf(Site site, string name) => $"{site.Scratch}/{name}/mount/proc/uptime";

    /// <summary>What the attach run of its start did, as its log has it.</summary>
    /// <exception cref="BenchFailure">It did not come to an end.</exception>
    public (int Changed, int Failed, double Milliseconds) AwaitAttached(TimeSpan limit)
    {
        Match match = Match.Empty;
        if (!Wait.Until(limit, () => (match = Summary().Match(Log)).Success))
        {
            throw new BenchFailure($"the attach run of the start has not ended after {limit.TotalSeconds:0} s; the log:\n{Log}");
        }

        return (Number(1), Number(2), double.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture));

        int Number(int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\d+ containers: something attached to (\d+), (\d+) failed, in ([\d.]+) ms")]
    private static partial Regex Summary();
}
