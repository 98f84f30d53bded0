using System.Globalization;

namespace ProcFs.Bench;

/// <summary>One minute of containers that come and go while the server is killed.</summary>
/// <param name="Part">Which supervisor it was, from 1: each part of a run has its own.</param>
/// <param name="Minute">Of the part, from 1.</param>
/// <param name="Started">Containers that were started, given their files by the hook, looked into, and ended.</param>
/// <param name="Wrong">Of those, containers that did not see their own values within a minute.</param>
/// <param name="HookFailed">Calls of the hook that ended with an error.</param>
/// <param name="Kills">How often the server was killed (SIGKILL).</param>
/// <param name="Reads">Whole files that the containers that stay have read.</param>
/// <param name="Failed">Reads of theirs that failed.</param>
/// <param name="WorstMs">The longest of their reads.</param>
/// <param name="ServerRssKib">Resident memory of the server at the end of the minute.</param>
/// <param name="ServerDescriptors">Its open descriptors.</param>
/// <param name="KeeperRssKib">Resident memory of the supervisor.</param>
/// <param name="KeeperDescriptors">Its open descriptors.</param>
/// <param name="Processes">How many processes of ours there are.</param>
/// <param name="Mounts">How many mounts of ours the host has.</param>
/// <param name="Cgroups">How many cgroups there are, in all hierarchies.</param>
/// <param name="Entries">Files in the spool.</param>
internal readonly record struct ChurnMinute(
    int Part, int Minute, int Started, int Wrong, int HookFailed, int Kills, long Reads, long Failed, double WorstMs, long ServerRssKib, long ServerDescriptors, long KeeperRssKib, long KeeperDescriptors,
    int Processes, int Mounts, int Cgroups, int Entries);

/// <summary>The minutes, in a file, so that a run that broke off is carried on. One for each build of the program and number of containers.</summary>
internal sealed class ChurnLog
{
    private const int Fields = 17;

    private readonly string _path;
    private readonly List<ChurnMinute> _minutes = [];

    private ChurnLog(string path) => _path = path;

    public IReadOnlyList<ChurnMinute> Minutes => _minutes;

    /// <summary>What there is of this program with so many containers that stay.</summary>
    public static ChurnLog Open(string program, int containers)
    {
        ChurnLog log = new(SoakLog.PathFor(program, $"churn-{containers}"));
        foreach (string line in File.Exists(log._path) ? File.ReadAllLines(log._path) : [])
        {
            string[] words = line.Split(',');
            double[] fields = [.. words.Select(word => double.TryParse(word, CultureInfo.InvariantCulture, out double number) ? number : -1)];
            if (fields.Length == Fields && Array.TrueForAll(fields, field => field >= 0)) // the last line may be half of one
            {
                log._minutes.Add(new ChurnMinute((int)fields[0], (int)fields[1], (int)fields[2], (int)fields[3], (int)fields[4], (int)fields[5], (long)fields[6], (long)fields[7], fields[8],
                    (long)fields[9], (long)fields[10], (long)fields[11], (long)fields[12], (int)fields[13], (int)fields[14], (int)fields[15], (int)fields[16]));
            }
        }

        return log;
    }

    public void Add(in ChurnMinute m)
    {
        _minutes.Add(m);
        File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture,
            $"{m.Part},{m.Minute},{m.Started},{m.Wrong},{m.HookFailed},{m.Kills},{m.Reads},{m.Failed},{m.WorstMs:0.0},{m.ServerRssKib},{m.ServerDescriptors},{m.KeeperRssKib},{m.KeeperDescriptors},{m.Processes},{m.Mounts},{m.Cgroups},{m.Entries}\n"));
    }
}
