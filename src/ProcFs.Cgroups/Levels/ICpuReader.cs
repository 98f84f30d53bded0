namespace ProcFs.Cgroups;

/// <summary>The bandwidth limit in one cgroup directory.</summary>
internal interface ICpuReader
{
    /// <summary>This level's own quota; null: none. False where the level has no such files.</summary>
    bool TryReadQuota(out CpuQuota? quota);
}
