namespace ProcFs.Hook.Attaching;

/// <summary>/proc or /sys of a container, known to be the root of a real procfs or sysfs.</summary>
/// <param name="MountId">Its mount; held by an open descriptor, so that no other mount can get this id.</param>
/// <param name="Device">"major:minor" in mountinfo.</param>
/// <param name="Type">"proc" or "sysfs".</param>
internal readonly record struct VerifiedRoot(ulong MountId, string Device, string Type);
