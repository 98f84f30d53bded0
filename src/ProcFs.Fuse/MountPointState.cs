namespace ProcFs.Fuse;

/// <summary>What <see cref="MountPoint.Inspect(string, string, string)"/> found.</summary>
/// <param name="Kind">What is there.</param>
public sealed record MountPointState(MountPointKind Kind)
{
    /// <summary>How many mounts of our own type lie one on another at the top; 0 unless <see cref="MountPointKind.OwnMount"/>.</summary>
    public int Count { get; init; }

    /// <summary>
    /// The minor of the topmost own mount's device, which is also its connection's name in /sys/fs/fuse/connections; null unless
    /// <see cref="MountPointKind.OwnMount"/>.
    /// </summary>
    public uint? DeviceMinor { get; init; }

    /// <summary>What the topmost own mount was mounted with as the most that one READ asks for, in bytes; 0: nothing was said.</summary>
    public uint MaxRead { get; init; }

    /// <summary>The SELinux label that the topmost own mount was mounted with; null: none.</summary>
    public string? Context { get; init; }

    /// <summary>The directory of the filesystem that the topmost own mount shows: "/" is all of it. Null unless <see cref="MountPointKind.OwnMount"/>.</summary>
    public string? Root { get; init; }

    /// <summary>The filesystem type of the topmost mount, e.g. "tmpfs"; null when nothing is mounted.</summary>
    public string? Type { get; init; }

    /// <summary>The source of the topmost mount as mountinfo has it, unescaped; null when nothing is mounted.</summary>
    public string? Source { get; init; }

    /// <summary>The kernel's answer when <see cref="Kind"/> is <see cref="MountPointKind.Unreadable"/>.</summary>
    public FuseErrno Error { get; init; }
}
