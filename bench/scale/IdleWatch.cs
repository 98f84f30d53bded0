using System.Globalization;

namespace ProcFs.Bench;

/// <summary>
/// How often the threads of an idle process wake up: each wake-up ends in another wait, which is a voluntary context switch. Looked at each second, so that
/// threads that come and go are counted up to their last look.
/// </summary>
internal sealed class IdleWatch(string name, int pid)
{
    private readonly Dictionary<int, long> _first = [];
    private readonly Dictionary<int, long> _last = [];

    public string Name { get; } = name;

    /// <summary>All of them since the first look.</summary>
    public long WakeUps => _last.Sum(thread => thread.Value - _first[thread.Key]);

    /// <summary>How many threads woke up at all.</summary>
    public int WakingThreads => _last.Count(thread => thread.Value > _first[thread.Key]);

    /// <summary>How many threads began since the first look.</summary>
    public int NewThreads { get; private set; }

    /// <summary>Watches some processes at once.</summary>
    public static void Watch(TimeSpan time, IReadOnlyList<IdleWatch> watches)
    {
        long end = Environment.TickCount64 + (long)time.TotalMilliseconds;
        for (bool isFirst = true; Environment.TickCount64 < end; isFirst = false)
        {
            foreach (IdleWatch watch in watches)
            {
                watch.Look(isFirst);
            }

            Thread.Sleep(1000);
        }
    }

    private void Look(bool isFirst)
    {
        foreach (string thread in Directory.Exists($"/proc/{pid}/task") ? Directory.GetDirectories($"/proc/{pid}/task") : [])
        {
            int id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            string line = Processes.Read($"{thread}/status").Split('\n').FirstOrDefault(l => l.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal)) ?? "";
            if (!long.TryParse(line.Split('\t')[^1], CultureInfo.InvariantCulture, out long switches))
            {
                continue; // it has just ended
            }

            if (!_first.ContainsKey(id))
            {
                // One that began meanwhile did all of its waiting meanwhile.
                _first[id] = isFirst ? switches : 0;
                NewThreads += isFirst ? 0 : 1;
            }

            _last[id] = switches;
        }
    }
}
