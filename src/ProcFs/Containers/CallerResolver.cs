using ProcFs.Cgroups;

namespace ProcFs.Containers;

/// <summary>
/// From a caller's thread id to the view it gets: docs/fields/README.md, "Whose view". Belongs to one worker; what is worth
/// remembering is in the cache and the table that all workers share.
/// </summary>
/// <param name="context">What all workers share.</param>
/// <param name="callersForNs">For how long a thread is known; 0: never.</param>
/// <param name="clock">In ns; null: no thread is ever known.</param>
internal sealed class CallerResolver(CallerContext context, long callersForNs = 0, TimeProvider? clock = null)
{
    private readonly KnownCallers _known = new(clock is null ? 0 : callersForNs);
    private readonly InitFinder _initFinder = new(context.Proc);
    private byte[] _cgroupText = new byte[4096];
    private byte[] _buffer = new byte[16384];
    private int[] _pids = new int[256];

    /// <summary>
    /// The view of a thread. It is asleep in its read(2) while we look, so its number is its own; everything is read through one
    /// held directory, afresh, and the way from there to the container is remembered, as is the thread itself for a moment.
    /// </summary>
    public CallerView Resolve(uint threadId)
    {
        long now = _known.IsOn ? clock!.GetTimestamp() : 0;
        if (_known.IsOn && _known.Find(threadId, now) is { } known)
        {
            return known;
        }

        ProcessDirectory caller = ProcessDirectory.Open(context.Proc, threadId);
        if (!caller.Exists && _known.IsOn)
        {
            // Too many files may be open, and some of them are those of known threads.
            _known.Clear();
            caller = ProcessDirectory.Open(context.Proc, threadId);
        }

        bool isKept = false;
        try
        {
            CallerView view = Look(threadId, caller, out bool isSure);
            if (isSure && _known.IsOn)
            {
                _known.Remember(threadId, caller, view, now);
                isKept = true;
            }

            return view;
        }
        finally
        {
            if (!isKept)
            {
                caller.Dispose();
            }
        }
    }

    /// <summary>A cgroup turned out to be gone: whoever was in it is looked at anew.</summary>
    public void Forget(Container container)
    {
        context.Cache.Forget(container);
        _known.Clear();
    }

    private CallerView Look(uint threadId, in ProcessDirectory caller, out bool isSure)
    {
        isSure = false;
        if (threadId == 0 || !caller.TryRead("cgroup\0"u8, ref _cgroupText, out ReadOnlySpan<byte> cgroups))
        {
            return context.Unknown;
        }

        // Zero where we may not look at a process (no CAP_SYS_PTRACE): then its cgroup alone decides, and it is not the host's.
        ulong pidNamespace = caller.Namespace("ns/pid\0"u8);
        ulong mountNamespace = caller.Namespace("ns/mnt\0"u8);
        if (context.Cache.Find(pidNamespace, mountNamespace, cgroups) is { } known)
        {
            isSure = true;
            return known;
        }

        bool isInHostNamespace = pidNamespace == 0 || pidNamespace == context.HostPidNamespace;
        CallerView view = isInHostNamespace
            ? InHostPidNamespace(caller, mountNamespace, cgroups)
            : InPidNamespace(caller, pidNamespace, mountNamespace, cgroups);
        isSure = isInHostNamespace || view.Container.Init is not null;
        if (isSure)
        {
            context.Cache.Remember(pidNamespace, mountNamespace, cgroups, view);
        }

        return view;
    }

    /// <summary>
    /// The view of a container by its first process, whoever asks: that process's own cgroup and start, also where it shares a pid
    /// namespace with others, or has the host's.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="startTime">Its start in clock ticks since boot: another process with its number is not meant.</param>
    /// <param name="cgroupText">What its cgroup file said: while it says the same, the view is the same.</param>
    /// <returns>Null when the process is gone.</returns>
    public CallerView? ResolveProcess(int pid, ulong startTime, out byte[] cgroupText)
    {
        cgroupText = [];
        InitProcess? init = InitProcess.Open(context, pid, ref _buffer);
        if (init is null)
        {
            return null;
        }

        using ProcessDirectory process = ProcessDirectory.Open(context.Proc, pid);
        bool isKnown = process.TryRead("cgroup\0"u8, ref _cgroupText, out ReadOnlySpan<byte> cgroups);
        CgroupMembership membership = CgroupMembership.Parse(context.Layout, cgroups);
        MountRoots roots = MountRoots.Read(context.Layout, process, ref _buffer);
        // Asked last: only while it lives are its number, and what was read by it, its own.
        if (!isKnown || (ulong)init.StartNs != startTime * (ulong)ProcessStat.TickNs || !init.IsAlive())
        {
            init.Dispose();
            return null;
        }

        CgroupPaths paths = CgroupPaths.Create(context.Layout, hierarchy => CutBack(membership, roots, hierarchy));
        cgroupText = cgroups.ToArray();
        return new CallerView(context.Table.GetOrAdd(paths, init, OldestProcessStart), false);
    }

    /// <summary>Whether a process is still there, and in the cgroups that it was found in.</summary>
    public bool IsUnmoved(InitProcess process, ReadOnlySpan<byte> cgroupText)
        => process.TryRead("cgroup\0"u8, ref _cgroupText, out ReadOnlySpan<byte> now) && now.SequenceEqual(cgroupText);

    /// <summary>The view for one cgroup path, the same in every hierarchy, as if a container had it; for asking without a caller.</summary>
    public CallerView ResolveCgroup(string path)
    {
        CgroupPaths paths = CgroupPaths.Same(context.Layout, path);
        return new CallerView(context.Table.GetOrAdd(paths, null, OldestProcessStart), false);
    }

    private CallerView InHostPidNamespace(in ProcessDirectory caller, ulong mountNamespace, ReadOnlySpan<byte> cgroups)
    {
        CgroupMembership membership = CgroupMembership.Parse(context.Layout, cgroups);
        MountRoots roots = MountRoots.Read(context.Layout, caller, ref _buffer);
        CgroupPaths paths = CgroupPaths.Create(context.Layout, hierarchy => CutBack(membership, roots, hierarchy));
        bool isHostProcess = mountNamespace == context.HostMountNamespace;
        return new CallerView(context.Table.GetOrAdd(paths, null, OldestProcessStart), isHostProcess);
    }

    private CallerView InPidNamespace(in ProcessDirectory caller, ulong pidNamespace, ulong mountNamespace, ReadOnlySpan<byte> cgroups)
    {
        CgroupMembership ofCaller = CgroupMembership.Parse(context.Layout, cgroups);
        MountRoots callerRoots = MountRoots.Read(context.Layout, caller, ref _buffer);
        InitProcess? init = _initFinder.Find(caller, pidNamespace) is { } pid ? InitProcess.Open(context, pid, ref _buffer) : null;
        if (init is null)
        {
            // The namespace is dying, or its init could not be looked at just now: the caller alone decides, and is not remembered.
            CgroupPaths own = CgroupPaths.Create(context.Layout, hierarchy => CutBack(ofCaller, callerRoots, hierarchy));
            return new CallerView(context.Table.GetOrAdd(own, null, OldestProcessStart), false);
        }

        using ProcessDirectory initDirectory = ProcessDirectory.Open(context.Proc, init.Pid);
        bool known = initDirectory.TryRead("cgroup\0"u8, ref _buffer, out ReadOnlySpan<byte> initCgroups);
        CgroupMembership ofInit = CgroupMembership.Parse(context.Layout, known ? initCgroups : cgroups);
        bool sharesMounts = mountNamespace != 0 && initDirectory.Namespace("ns/mnt\0"u8) == mountNamespace;
        MountRoots initRoots = MountRoots.Read(context.Layout, initDirectory, ref _buffer);
        CgroupPaths paths = CgroupPaths.Create(context.Layout, hierarchy => PathOf(hierarchy, ofInit, initRoots, ofCaller, callerRoots, sharesMounts));
        return new CallerView(context.Table.GetOrAdd(paths, init, OldestProcessStart), false);
    }

    /// <summary>
    /// The init's cgroup for callers in or below it (a unit inside the container sees the whole container) and for those who only
    /// joined its namespaces; the caller's own for containers that share a pid namespace with a pause process.
    /// </summary>
    private static string? PathOf(CgroupHierarchy hierarchy, CgroupMembership ofInit, MountRoots initRoots,
        CgroupMembership ofCaller, MountRoots callerRoots, bool sharesMounts)
    {
        string? ofContainer = CutBack(ofInit, initRoots, hierarchy);
        string? own = ofCaller.PathIn(hierarchy);
        return own is null || sharesMounts || (ofContainer is not null && CgroupPath.IsSameOrBelow(own, ofContainer))
            ? ofContainer
            : CutBack(ofCaller, callerRoots, hierarchy);
    }

    private static string? CutBack(CgroupMembership membership, MountRoots roots, CgroupHierarchy hierarchy)
        => membership.PathIn(hierarchy) is { } path ? ContainerRoot.CutBack(path, roots[hierarchy]) : null;

    private long? OldestProcessStart(ContainerCgroups cgroups)
    {
        long? oldest = null;
        foreach (int pid in ProcessIds.Read(cgroups, context.MostThreads, ref _pids))
        {
            using ProcessDirectory process = ProcessDirectory.Open(context.Proc, pid);
            if (process.TryRead("stat\0"u8, ref _buffer, out ReadOnlySpan<byte> text) && ProcessStat.TryParse(text, out ProcessStat stat)
                && stat.StartNs < (oldest ?? long.MaxValue))
            {
                oldest = stat.StartNs;
            }
        }

        return oldest;
    }
}
