using ProcFs.Cgroups;
using ProcFs.Sampling;

namespace ProcFs.Containers;

/// <summary>
/// A container as the daemon remembers it: where its resources are told, and what has been shown of it so far. Shared by all
/// workers; what changes in it locks itself or is one reference.
/// </summary>
internal sealed class Container
{
    private static long _lastId;

    private ContainerCgroups _cgroups;
    private CpuView? _cpuView;
    private OwnOptions? _options;

    /// <param name="cgroups">Where it is.</param>
    /// <param name="init">Its process 1.</param>
    /// <param name="startNs">Its start.</param>
    /// <param name="record">What an earlier daemon has shown of it, and where that is kept; null: it is kept nowhere.</param>
    public Container(ContainerCgroups cgroups, InitProcess? init, long? startNs, HistoryRecord? record = null)
    {
        _cgroups = cgroups;
        Init = init;
        StartNs = startNs;
        Record = record;
        Ledger = new CpuLedger(record);
        Threads = new ThreadWalk(record);
        Load = new ContainerLoad(record);
    }

    /// <summary>Within this daemon; no two have the same.</summary>
    public long Id { get; } = Interlocked.Increment(ref _lastId);

    public ContainerCgroups Cgroups
    {
        get => Volatile.Read(ref _cgroups);
        set => Volatile.Write(ref _cgroups, value);
    }

    /// <summary>Null for a container in the host's pid namespace that is not registered.</summary>
    public InitProcess? Init { get; }

    /// <summary>T0, its start in ns since boot; null when that cannot be told.</summary>
    public long? StartNs { get; }

    public CpuLedger Ledger { get; }

    public ThreadWalk Threads { get; }

    public ContainerLoad Load { get; }

    public PagingLedger Paging { get; } = new();

    public HistoryRecord? Record { get; }

    /// <summary>The last view made, so that an unchanged one need not be made again.</summary>
    public CpuView? CpuView
    {
        get => Volatile.Read(ref _cpuView);
        set => Volatile.Write(ref _cpuView, value);
    }

    /// <summary>How it is shown now.</summary>
    public ViewOptions OptionsBy(ViewSettings settings)
    {
        ViewOptions all = settings.Options;
        int version = settings.Choices.Version;
        OwnOptions? known = Volatile.Read(ref _options);
        if (known is null || known.Version != version || !ReferenceEquals(known.All, all))
        {
            ViewChoice? choice = Init is null ? null : settings.Choices.Find(Init.Pid, Init.StartNs);
            known = new OwnOptions(version, all, choice?.Over(all) ?? all);
            Volatile.Write(ref _options, known);
        }

        return known.Options;
    }

    /// <summary>In one reference, so that all workers see all of it at once.</summary>
    private sealed record OwnOptions(int Version, ViewOptions All, ViewOptions Options);
}
