using ProcFs.Cgroups;
using ProcFs.Containers;

namespace ProcFs.Files;

/// <summary>A container's swap as meminfo and swaps both show it, in kB.</summary>
internal readonly record struct SwapView(long TotalKb, long FreeKb)
{
    public long UsedKb => TotalKb - FreeKb;

    /// <summary>The limit cut to what the host has; nothing where swap is switched off or not accounted.</summary>
    public static SwapView Of(ContainerSnapshot snapshot)
    {
        if (!snapshot.Options.ShowSwap || snapshot.Resources.MemoryScope != ControllerScope.Container || snapshot.Resources.Memory.Swap is not { } swap)
        {
            return default;
        }

        long limit = swap.IsOff ? swap.UsedBytes : swap.LimitBytes ?? long.MaxValue;
        long total = Math.Min(limit / 1024, snapshot.Host.Meminfo.SwapTotalKb);
        return new SwapView(total, Math.Max(0, total - (swap.UsedBytes / 1024)));
    }
}
