namespace ProcFs.Cgroups;

/// <summary>CPU sets in one cgroup directory.</summary>
internal interface ICpuSetReader
{
    /// <summary>The CPUs granted at this level; null where it does not say: no such file, or an empty one.</summary>
    CpuSet? ReadEffective();
}
