namespace ProcFs.Cgroups.V1;

/// <summary>The cpu controller of v1, its CFS bandwidth: Documentation/scheduler/sched-bwc.rst. Microseconds; a quota of −1 is none.</summary>
internal sealed class CpuV1(CgroupDirectory directory) : ICpuReader
{
    private readonly CgroupFile _quota = directory.File("cpu.cfs_quota_us");
    private readonly CgroupFile _period = directory.File("cpu.cfs_period_us");

    public bool TryReadQuota(out CpuQuota? quota)
    {
        quota = null;
        if (!_quota.TryRead(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        // The usual case, and the only negative number a v1 file holds.
        if (text.StartsWith("-1"u8) && text.Trim("\n"u8).Length == 2)
        {
            return true;
        }

        if (!NumberText.TryParseLine(text, out long quotaUsec))
        {
            _quota.Report(1, "neither -1 nor a number that fits 63 bits");
            return false;
        }

        if (!_period.TryReadNumber(out long periodUsec))
        {
            return false;
        }

        quota = quotaUsec > 0 && periodUsec > 0 ? new CpuQuota(quotaUsec, periodUsec) : null;
        return true;
    }
}
