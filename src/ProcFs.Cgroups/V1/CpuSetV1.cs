namespace ProcFs.Cgroups.V1;

/// <summary>The cpuset controller of v1: cpuset(7). Effective CPUs (what the parent grants and is online) since Linux 3.17.</summary>
internal sealed class CpuSetV1(CgroupDirectory directory) : ICpuSetReader
{
    private readonly CpuSetFile _effective = new(directory.File("cpuset.effective_cpus"));
    private readonly CpuSetFile _configured = new(directory.File("cpuset.cpus"));

    public CpuSet? ReadEffective() => _effective.Read() ?? _configured.Read();
}
