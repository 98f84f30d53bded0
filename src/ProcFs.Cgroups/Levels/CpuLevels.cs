namespace ProcFs.Cgroups;

/// <summary>What the cpu and cpuset controllers say over all levels. For both versions.</summary>
internal static class CpuLevels
{
    /// <summary>The tightest quota of all levels.</summary>
    public static ControllerScope ReadQuota(LevelChain<ICpuReader> chain, ContainerResources into)
    {
        into.Quota = null;
        bool present = false;
        foreach (ICpuReader level in chain.Readers)
        {
            present |= level.TryReadQuota(out CpuQuota? quota);
            if (quota is { } limit && (into.Quota is null || limit.IsTighterThan(into.Quota.Value)))
            {
                into.Quota = quota;
            }
        }

        return chain.Scope == ControllerScope.Container && !present ? ControllerScope.Absent : chain.Scope;
    }

    /// <summary>The CPUs of the nearest level that names any: a set is always part of the one above.</summary>
    public static ControllerScope ReadSet(LevelChain<ICpuSetReader> chain, ContainerResources into)
    {
        into.EffectiveCpus = null;
        foreach (ICpuSetReader level in chain.Readers)
        {
            if (level.ReadEffective() is { } cpus)
            {
                into.EffectiveCpus = cpus;
                break;
            }
        }

        return chain.Scope == ControllerScope.Container && into.EffectiveCpus is null ? ControllerScope.Absent : chain.Scope;
    }
}
