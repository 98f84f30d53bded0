using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V1;

/// <summary>
/// The cpuacct controller of v1: Documentation/admin-guide/cgroup-v1/cpuacct.rst. usage and usage_percpu are precise nanoseconds;
/// stat counts clock ticks, so it only gives the proportion of user to system time.
/// </summary>
internal sealed class CpuAcctV1(CgroupDirectory directory) : ICpuAcctReader
{
    private static readonly KeyTable Keys = new("user", "system");

    private readonly CgroupFile _usage = directory.File("cpuacct.usage");
    private readonly CgroupFile _perCpu = directory.File("cpuacct.usage_percpu");
    private readonly CgroupFile _stat = directory.File("cpuacct.stat");

    public bool TryReadUsage(out CpuUsage usage, ReusedList<long> perCpuNs)
    {
        usage = default;
        perCpuNs.Clear();
        if (!_usage.TryReadNumber(out long total))
        {
            return false;
        }

        if (_perCpu.TryRead(out ReadOnlySpan<byte> text) && !NumberListText.TryParse(text, perCpuNs))
        {
            _perCpu.Report(1, "not a list of numbers that fit 63 bits");
        }

        long user = UserPart(total);
        usage = new CpuUsage(total, user, Saturating.Subtract(total, user), NiceNs: null);
        return true;
    }

    private long UserPart(long total)
    {
        Span<long> ticks = stackalloc long[Keys.Count];
        ticks.Clear();
        if (_stat.TryRead(out ReadOnlySpan<byte> text) && !Keys.Parse(text, ticks, out int badLine))
        {
            _stat.Report(badLine, "not a number that fits 63 bits");
        }

        UInt128 user = (UInt128)Math.Max(0, ticks[0]);
        UInt128 all = user + (UInt128)Math.Max(0, ticks[1]);
        return all == 0 ? total : (long)((UInt128)total * user / all);
    }
}
