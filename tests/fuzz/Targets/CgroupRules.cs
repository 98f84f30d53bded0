using ProcFs.Cgroups;
using ProcFs.Fuzz.Engine;

namespace ProcFs.Fuzz.Targets;

/// <summary>What holds for the resources of a container, whatever its files say: a number is zero or more, or absent.</summary>
internal static class CgroupRules
{
    public static void Check(ContainerResources read)
    {
        Memory(read.Memory);
        foreach (MemoryLevel level in read.MemoryLevels)
        {
            FuzzDefect.Unless(level is { LimitBytes: > 0, UsageBytes: >= 0, ReclaimableBytes: >= 0 }, "a level of memory has a limit and no negative number");
        }

        foreach (long counter in read.MemoryEvents)
        {
            FuzzDefect.Unless(counter >= -1, "a counter of memory is not negative");
        }

        foreach (HugetlbResources size in read.Hugetlb)
        {
            FuzzDefect.Unless(size is { PageSizeBytes: > 0, LimitBytes: null or >= 0, UsageBytes: >= 0 }, "huge pages have no negative number");
        }

        FuzzDefect.Unless(read.Quota is null or { QuotaUsec: > 0, PeriodUsec: > 0, CeilingCpus: > 0 }, "a quota is above zero");
        FuzzDefect.Unless(read.Usage is null or { TotalNs: >= 0, UserNs: >= 0, SystemNs: >= 0, NiceNs: null or >= 0 }, "CPU times are not negative");
        FuzzDefect.Unless(read.EffectiveCpus is null or { Count: > 0 }, "a set of CPUs is not empty");
        foreach (long time in read.PerCpuNs)
        {
            FuzzDefect.Unless(time >= 0, "CPU times are not negative");
        }

        foreach (BlockIoDevice device in read.BlockIo)
        {
            FuzzDefect.Unless(device is
            {
                Major: >= 0, Minor: >= 0, ReadBytes: >= 0, WriteBytes: >= 0, DiscardBytes: >= 0, Reads: >= 0, Writes: >= 0, Discards: >= 0, ReadsMerged: >= 0, WritesMerged: >= 0,
                DiscardsMerged: >= 0, ReadTimeNs: >= 0, WriteTimeNs: >= 0, DiscardTimeNs: >= 0, ServiceTimeNs: >= 0,
            }, "a device's counters are not negative");
        }
    }

    private static void Memory(in MemoryResources memory)
    {
        MemoryStat stat = memory.Stat;
        FuzzDefect.Unless(memory is { LimitBytes: null or >= 0, UsageBytes: >= 0, Swap: null or { LimitBytes: null or >= 0, UsedBytes: >= 0 } }, "memory and swap are not negative");
        FuzzDefect.Unless(stat is
        {
            Cache: >= 0, Anon: >= 0, Shmem: >= 0, Mapped: >= 0, Dirty: >= 0, Writeback: >= 0, SwapCached: >= 0, ActiveAnon: >= 0, InactiveAnon: >= 0, ActiveFile: >= 0, InactiveFile: >= 0,
            Unevictable: >= 0, SlabReclaimable: >= 0, SlabUnreclaimable: >= 0, KernelStack: >= 0, PageTables: >= 0, SecPageTables: >= 0, Percpu: >= 0, Vmalloc: >= 0, AnonHuge: >= 0,
            ShmemHuge: >= 0, FileHuge: >= 0, Zswap: >= 0, Zswapped: >= 0, Reclaimable: >= 0,
        }, "counters of memory are not negative");
    }
}
