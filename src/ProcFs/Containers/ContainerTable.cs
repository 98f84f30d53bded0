using ProcFs.Cgroups;
using ProcFs.Sampling;

namespace ProcFs.Containers;

/// <summary>
/// All containers that were asked for, each once, by what makes it the same container: its cgroups, the identity of one of their
/// directories, and its init. It stays as long as it lives, because its CPU ledger and its highest pid must never start over.
/// It survives the daemon where there is a history.
/// </summary>
internal sealed class ContainerTable(CgroupTree tree, TimeProvider clock, History? history = null)
{
    private const long SweepEveryNs = 10_000_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Container> _containers = [];
    private long _sweptAt = clock.GetTimestamp();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _containers.Count;
            }
        }
    }

    /// <summary>The container with these cgroups.</summary>
    /// <param name="paths">Its root in each hierarchy.</param>
    /// <param name="init">Opened just now; null in the host's pid namespace. It is kept or disposed here.</param>
    /// <param name="oldestProcess">Finds the start where there is no init; asked once for each container.</param>
    public Container GetOrAdd(CgroupPaths paths, InitProcess? init, Func<ContainerCgroups, long?> oldestProcess)
    {
        ContainerCgroups cgroups = tree.Open(paths);
        Key key = new(cgroups.Identity, paths, init?.StartNs ?? -1, init?.Pid ?? 0);
        lock (_lock)
        {
            Sweep();
            if (_containers.TryGetValue(key, out Container? known))
            {
                init?.Dispose();
                // In some hierarchy its directory may have been made anew.
                known.Cgroups = cgroups;
                return known;
            }
        }

        // What was shown once counts: the oldest process may have ended since.
        HistoryKey historyKey = HistoryKey.Of(cgroups.Identity, paths, init);
        long? startNs = init?.StartNs;
        if (init is null && history?.TryFindStart(historyKey, out startNs) != true)
        {
            // Outside the lock: it reads a file for each process of the cgroup.
            startNs = oldestProcess(cgroups);
        }

        lock (_lock)
        {
            if (_containers.TryGetValue(key, out Container? other))
            {
                init?.Dispose();
                return other;
            }

            Container added = new(cgroups, init, startNs, history?.Claim(historyKey, startNs));
            _containers.Add(key, added);
            return added;
        }
    }

    /// <summary>Forgets containers that have ended, at most every ten seconds, and only while somebody asks: an idle daemon sleeps.</summary>
    private void Sweep()
    {
        if (clock.GetTimestamp() - _sweptAt < SweepEveryNs)
        {
            return;
        }

        int before = _containers.Count;
        foreach ((Key key, Container container) in _containers)
        {
            // The init of a pod outlives its containers; a container without a cgroup is only worth keeping while its init lives.
            bool isGone = container.Init is { } init
                ? !init.IsAlive() || (key.Identity is not null && !container.Cgroups.Exists())
                : !container.Cgroups.Exists();
            if (isGone)
            {
                _containers.Remove(key);
                container.Init?.Dispose();
                if (container.Record is { } record)
                {
                    history?.Remove(record);
                }
            }
        }

        if (_containers.Count < before)
        {
            tree.Sweep();
        }

        _sweptAt = clock.GetTimestamp();
    }

    /// <summary>
    /// The paths are part of it: callers with the same cgroup in one hierarchy may have different ones in another, and different limits.
    /// </summary>
    private readonly record struct Key(CgroupIdentity? Identity, CgroupPaths Paths, long StartNs, int InitPid);
}
