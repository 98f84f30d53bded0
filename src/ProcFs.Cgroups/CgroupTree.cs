namespace ProcFs.Cgroups;

/// <summary>
/// The cgroup directories in use, one object for each, so that siblings share what is open of their ancestors. Safe for any number of
/// threads; reading takes no lock of the tree.
/// </summary>
/// <param name="layout">The hierarchies.</param>
/// <param name="pool">Keeps the descriptors.</param>
/// <param name="report">Gets one sentence for each file whose text makes no sense; null: nobody wants to know.</param>
/// <param name="time">The clock for how long a missing file is taken as missing; null: the system's.</param>
public sealed class CgroupTree(CgroupLayout layout, DescriptorPool pool, Action<string>? report = null, TimeProvider? time = null)
{
    private const int SweepAtLeast = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Hierarchy, string Path), CgroupLevel> _levels = [];
    private readonly CgroupTreeServices _services = new(pool, new CgroupReports(report), time ?? TimeProvider.System);
    private int _sweepAt = SweepAtLeast;

    /// <summary>The hierarchies.</summary>
    public CgroupLayout Layout { get; } = layout;

    /// <summary>How many directories are known.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _levels.Count;
            }
        }
    }

    /// <summary>The readers for a container. A cgroup that does not exist is found out when it is read.</summary>
    public ContainerCgroups Open(CgroupPaths paths)
    {
        lock (_gate)
        {
            if (_levels.Count >= _sweepAt)
            {
                SweepLocked();
                _sweepAt = Math.Max(SweepAtLeast, _levels.Count * 2);
            }

            return new ContainerCgroups(paths, new ContainerChains(this, paths));
        }
    }

    /// <summary>
    /// Forgets the directories that no longer exist and closes what is open of them. Happens by itself now and then;
    /// calling it when a container ends frees its descriptors at once.
    /// </summary>
    public void Sweep()
    {
        lock (_gate)
        {
            SweepLocked();
        }
    }

    /// <summary>Called while the lock is held. A vanished one is replaced: its path may lead to a new cgroup.</summary>
    internal CgroupLevel LevelAt(CgroupHierarchy hierarchy, string path)
    {
        if (_levels.TryGetValue((hierarchy.Index, path), out CgroupLevel? known) && !known.Directory.Vanished)
        {
            return known;
        }

        CgroupLevel level = new(hierarchy.Version, new CgroupDirectory(hierarchy.DirectoryOf(path), _services));
        _levels[(hierarchy.Index, path)] = level;
        return level;
    }

    private void SweepLocked()
    {
        foreach (((int, string) key, CgroupLevel level) in _levels)
        {
            if (level.Directory.Vanished || !level.Directory.CheckStillThere())
            {
                _levels.Remove(key);
            }
        }
    }
}
