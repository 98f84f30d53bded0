namespace ProcFs.Cgroups;

/// <summary>Names a cgroup for as long as it exists, as stat(2) does. A cgroup made anew at the same path has another inode.</summary>
/// <param name="Device">The hierarchy: st_dev.</param>
/// <param name="Inode">The directory: st_ino.</param>
public readonly record struct CgroupIdentity(ulong Device, ulong Inode);
