namespace ProcFs.Cgroups;

/// <summary>The memory of a container, in bytes.</summary>
/// <param name="LimitBytes">
/// The tightest hard limit of the container's cgroup and its ancestors; where none of them has one, the tightest <c>high</c>
/// mark (v2). Null: no limit. Not cut to what the host has.
/// </param>
/// <param name="UsageBytes">Usage at the accounting level: the nearest cgroup upwards that has both usage and stat.</param>
/// <param name="Stat">Counters at the accounting level.</param>
/// <param name="Swap">Swap; null where swap is not accounted.</param>
public readonly record struct MemoryResources(long? LimitBytes, long UsageBytes, MemoryStat Stat, SwapResources? Swap);

/// <summary>One cgroup, from the container's upwards, that has a limit of its own.</summary>
/// <param name="LimitBytes">Its limit; its <c>high</c> mark where no level has a hard limit.</param>
/// <param name="UsageBytes">What it and all its descendants use.</param>
/// <param name="ReclaimableBytes">How much of that can be given back: <see cref="MemoryStat.Reclaimable"/>.</param>
public readonly record struct MemoryLevel(long LimitBytes, long UsageBytes, long ReclaimableBytes);

/// <summary>Swap alone, in bytes; v1's sums of memory and swap are taken apart.</summary>
/// <param name="LimitBytes">The tightest limit up the tree; null: no limit; 0 is a limit.</param>
/// <param name="UsedBytes">Swap in use, zswap included.</param>
/// <param name="IsOff">No more will be swapped out, whatever the limit (v1: swappiness 0).</param>
public readonly record struct SwapResources(long? LimitBytes, long UsedBytes, bool IsOff = false);

/// <summary>Huge pages of one size.</summary>
/// <param name="PageSizeBytes">The size of a page.</param>
/// <param name="LimitBytes">The tightest limit up the tree; null: no limit; 0 is a limit.</param>
/// <param name="UsageBytes">Huge pages in use.</param>
public readonly record struct HugetlbResources(long PageSizeBytes, long? LimitBytes, long UsageBytes);
