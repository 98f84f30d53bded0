namespace ProcFs.Cgroups.V2;

/// <summary>The cpuset controller of v2: cgroup-v2.rst, "Cpuset Interface Files". The configured list is often empty, the effective one never.</summary>
internal sealed class CpuSetV2(CgroupDirectory directory) : ICpuSetReader
{
    private readonly CpuSetFile _effective = new(directory.File("cpuset.cpus.effective"));

    public CpuSet? ReadEffective() => _effective.Read();
}
