using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V2;

/// <summary>
/// CPU time on v2: cgroup-v2.rst, cpu.stat. Microseconds, user and system scaled by the kernel so that they add up. Every cgroup has
/// this file, whether or not its cpu controller is enabled. There is nothing per CPU.
/// </summary>
internal sealed class CpuAcctV2(CgroupDirectory directory) : ICpuAcctReader
{
    /// <summary>The file that tells a v2 hierarchy with CPU time.</summary>
    public const string StatFile = "cpu.stat";

    private static readonly KeyTable Keys = new("usage_usec", "user_usec", "system_usec", "nice_usec");

    private readonly CgroupFile _stat = directory.File(StatFile);

    public bool TryReadUsage(out CpuUsage usage, ReusedList<long> perCpuNs)
    {
        usage = default;
        perCpuNs.Clear();
        if (!_stat.TryRead(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        Span<long> values = stackalloc long[Keys.Count];
        if (!Keys.Parse(text, values, out int badLine))
        {
            _stat.Report(badLine, "not a number that fits 63 bits");
        }

        if (Nanoseconds(values[0]) is not { } total)
        {
            return false;
        }

        long? system = Nanoseconds(values[2]);
        long user = Nanoseconds(values[1]) ?? Saturating.Subtract(total, system ?? 0);
        usage = new CpuUsage(total, user, system ?? Saturating.Subtract(total, user), Nanoseconds(values[3]));
        return true;
    }

    private static long? Nanoseconds(long microseconds) => microseconds is >= 0 and <= long.MaxValue / 1000 ? microseconds * 1000 : null;
}
