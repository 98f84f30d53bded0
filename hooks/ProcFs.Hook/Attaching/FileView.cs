using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>One file of a container, and what lies on it, at one moment.</summary>
/// <param name="Target">Holds the mount that was looked at.</param>
/// <param name="Cover">What that is.</param>
/// <param name="Layers">How many mounts of ours lie there on one another.</param>
/// <param name="IsLive">Whether the topmost is of the connection that is served now: readers get text from it, if another container's.</param>
internal readonly record struct FileView(TargetFile Target, Cover Cover, int Layers, bool IsLive)
{
    /// <summary>Looks at one file that may have changed since. Null, and what that means for it: <paramref name="verdict"/>.</summary>
    public static FileView? Look(EnteredNamespace entered, string file, OwnMounts own, string? expectedRoot, out AttachedFile verdict)
    {
        TargetFile? target = Open(entered, file, out verdict);
        if (target is null)
        {
            return null;
        }

        // After the file was opened: a mount that is held keeps its id.
        if (entered.ReadMounts(out _) is { } table)
        {
            return Of(entered, table, target, file, own, expectedRoot);
        }

        target.Dispose();
        verdict = new AttachedFile(file, AttachOutcome.Failed, (int)Errno.EIO);
        return null;
    }

    /// <summary>The file, held; null and what that means for it.</summary>
    public static TargetFile? Open(EnteredNamespace entered, string file, out AttachedFile verdict)
    {
        verdict = default;
        if (entered.RootOf(file, out _, out _) is not { } root)
        {
            verdict = new AttachedFile(file, entered.IsRootAbsent(file) ? AttachOutcome.Missing : AttachOutcome.Foreign);
            return null;
        }

        TargetFile? target = TargetFile.Open(root, file, out Errno error);
        if (target is null)
        {
            verdict = error switch
            {
                Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP => new AttachedFile(file, AttachOutcome.Missing),
                // Something is mounted on a directory on the way, or its file system does not even say what it is.
                Errno.EXDEV or Errno.EACCES or Errno.EIO => new AttachedFile(file, AttachOutcome.Foreign),
                _ => new AttachedFile(file, AttachOutcome.Failed, (int)error),
            };
        }

        return target;
    }

    /// <summary>The same for a file that was opened before the mounts were read.</summary>
    public static FileView Of(EnteredNamespace entered, MountTable table, TargetFile target, string file, OwnMounts own, string? expectedRoot)
    {
        entered.RootOf(file, out VerifiedRoot root, out _);
        Cover cover = OwnMountRules.Classify(table, target.MountId, root, file, own, expectedRoot);
        bool isTaken = cover == Cover.Bare && (!target.IsPlaceFor(file) || OwnMountRules.HasForeignBelow(table, root, file, own));
        cover = isTaken ? Cover.Foreign : cover;
        bool isOwn = cover is Cover.Present or Cover.Ours;
        bool isLive = isOwn && table.TryFind(target.MountId, out Mountinfo.MountInfoLine line)
            && OwnMountRules.IsOwn(line, file, own, out uint minor) && minor == own.LiveMinor;
        return new FileView(target, cover, isOwn ? OwnMountRules.CountLayers(table, target.MountId, file, own) : 0, isLive);
    }
}
