namespace ProcFs.Cgroups.Tests.Support;

/// <summary>What must hold for the resources of a container, whatever its files say.</summary>
internal static class Sane
{
    /// <summary>Reads everything; numbers are zero or more, or absent.</summary>
    public static void Check(ContainerCgroups cgroups, ContainerResources read, string cause)
    {
        Assert.True(cgroups.TryRead(ResourceGroups.All, read));
        Assert.True(IsFine(read), cause);
    }

    public static bool IsFine(ContainerResources read)
    {
        MemoryStat stat = read.Memory.Stat;
        bool ok = Fine(read.Memory.LimitBytes) && Fine(read.Memory.UsageBytes) && Fine(stat.Anon) && Fine(stat.Cache) && Fine(stat.AnonHuge)
            && Fine(stat.Reclaimable) && Fine(stat.SlabUnreclaimable) && Fine(read.Memory.Swap?.LimitBytes) && Fine(read.Memory.Swap?.UsedBytes)
            && read.Quota is null or { QuotaUsec: > 0, PeriodUsec: > 0 } && Fine(read.Usage?.TotalNs) && Fine(read.Usage?.UserNs)
            && Fine(read.Usage?.SystemNs) && Fine(read.Usage?.NiceNs) && read.EffectiveCpus is null or { Count: > 0 };
        foreach (MemoryLevel level in read.MemoryLevels)
        {
            ok &= level.LimitBytes > 0 && Fine(level.UsageBytes) && Fine(level.ReclaimableBytes);
        }

        foreach (HugetlbResources size in read.Hugetlb)
        {
            ok &= size.PageSizeBytes > 0 && Fine(size.LimitBytes) && Fine(size.UsageBytes);
        }

        foreach (BlockIoDevice device in read.BlockIo)
        {
            ok &= Fine(device.ReadBytes) && Fine(device.WriteBytes) && Fine(device.Reads) && Fine(device.Writes) && Fine(device.ReadTimeNs);
        }

        foreach (long time in read.PerCpuNs)
        {
            ok &= Fine(time);
        }

        return ok;
    }

    private static bool Fine(long? value) => value is null or >= 0;
}
