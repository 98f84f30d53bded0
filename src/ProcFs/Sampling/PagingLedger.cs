using ProcFs.Cgroups;

namespace ProcFs.Sampling;

/// <summary>
/// A container's counters for /proc/vmstat, which never fall while this daemon runs: where the kernel's do (a disk was taken out, counters were reset), they
/// stand still and go on from there. Safe for several threads.
/// </summary>
internal sealed class PagingLedger
{
    /// <summary>Number of the KiB read from disks; before it are those of <see cref="MemoryEvents"/>.</summary>
    public static readonly int In = MemoryEvents.Count;

    /// <summary>Number of the KiB written to disks.</summary>
    public static readonly int Out = MemoryEvents.Count + 1;

    /// <summary>How many counters there are.</summary>
    public static readonly int Counters = MemoryEvents.Count + 2;

    private readonly Lock _lock = new();
    private long[] _last = [];
    private long[] _lost = [];
    private int _version;

    /// <summary>To be taken before counters are read.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Books what was read, and puts what is to be shown in its place.</summary>
    /// <param name="version">Another one than now: somebody has booked since. What was read may be older than that, and is not used.</param>
    /// <param name="counters">As the kernel says; negative: not known now.</param>
    public void Update(int version, Span<long> counters)
    {
        lock (_lock)
        {
            if (_last.Length == 0)
            {
                _last = new long[Counters];
                _lost = new long[Counters];
            }

            for (int i = 0; i < counters.Length; i++)
            {
                if (version == _version && counters[i] >= 0)
                {
                    _lost[i] = Saturating.Add(_lost[i], Math.Max(0, _last[i] - counters[i]));
                    _last[i] = counters[i];
                }

                counters[i] = Saturating.Add(_last[i], _lost[i]);
            }

            Volatile.Write(ref _version, _version + 1);
        }
    }
}
