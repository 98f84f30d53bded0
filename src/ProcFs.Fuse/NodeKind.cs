namespace ProcFs.Fuse;

/// <summary>The kinds of node a tree can hold.</summary>
public enum NodeKind
{
    /// <summary>A regular file (S_IFREG).</summary>
    RegularFile = 0,

    /// <summary>A directory (S_IFDIR).</summary>
    Directory = 1,

    /// <summary>A symbolic link (S_IFLNK).</summary>
    SymbolicLink = 2,
}
