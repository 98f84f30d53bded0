using System.Globalization;

namespace ProcFs.Hook.Hooking;

/// <summary>The annotation io.procfs.cpu.</summary>
internal static class CpuChoice
{
    private const int Most = 8192; // NR_CPUS of the largest kernels

    public static bool IsPossible(string text) => text is "quota" or "cpuset" or "all"
        || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Most);
}
