using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V2;

/// <summary>The cpu controller of v2: cgroup-v2.rst, "CPU Interface Files".</summary>
internal sealed class CpuV2(CgroupDirectory directory) : ICpuReader
{
    private readonly CgroupFile _max = directory.File("cpu.max");

    public bool TryReadQuota(out CpuQuota? quota)
    {
        quota = null;
        if (!_max.TryRead(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        bool ok = CpuMaxText.TryParse(text, out quota);
        if (!ok)
        {
            _max.Report(1, "not of the form '<quota or max> <period>'");
        }

        return ok;
    }
}
