namespace ProcFs.Fuse;

/// <summary>What is at a path that wants to be a mount point.</summary>
public enum MountPointKind
{
    /// <summary>An empty directory with nothing mounted on it.</summary>
    Nothing = 0,

    /// <summary>The path does not exist.</summary>
    Missing = 1,

    /// <summary>The path is no directory (a symbolic link is none either).</summary>
    NotDirectory = 2,

    /// <summary>A directory with files in it, which a mount would hide.</summary>
    NotEmpty = 3,

    /// <summary>A mount of our own type is on top; it may be dead.</summary>
    OwnMount = 4,

    /// <summary>A mount of another type is on top.</summary>
    ForeignMount = 5,

    /// <summary>The path lies within a mount of our own type and can only be reached through it.</summary>
    InsideOwnMount = 6,

    /// <summary>The directory could not be looked into; <see cref="MountPointState.Error"/> says why.</summary>
    Unreadable = 7,
}
