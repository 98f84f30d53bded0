namespace ProcFs.Cgroups;

/// <summary>CPU time in one cgroup directory.</summary>
internal interface ICpuAcctReader
{
    /// <summary>Time used by the cgroup and all below; the list gets the time on each possible CPU, or nothing. False without such files.</summary>
    bool TryReadUsage(out CpuUsage usage, ReusedList<long> perCpuNs);
}
