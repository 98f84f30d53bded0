using ProcFs.Cgroups;

namespace ProcFs.Triggers;

/// <summary>Where a trigger watches.</summary>
internal enum TriggerPlaceKind
{
    /// <summary>In no cgroup that tells of pressure: it never fires.</summary>
    Nowhere,

    /// <summary>The whole host.</summary>
    Host,

    /// <summary>The container's v2 cgroup.</summary>
    Cgroup,
}

/// <summary>Where a trigger watches, in words that mean the same to the next daemon.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Of the cgroup, below the mount of the v2 hierarchy; else empty.</param>
/// <param name="Cgroup">Which cgroup that is: another one at the same path is not meant.</param>
internal readonly record struct TriggerPlace(TriggerPlaceKind Kind, string Path, CgroupIdentity Cgroup)
{
    public static TriggerPlace Nowhere { get; } = new(TriggerPlaceKind.Nowhere, "", default);

    public static TriggerPlace Host { get; } = new(TriggerPlaceKind.Host, "", default);
}
