using ProcFs.Interop;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Attaching;

/// <summary>One detach: every file that something of ours is mounted for, by mountinfo, is uncovered as far as it is ours.</summary>
internal sealed class DetachRun(DetachRequest request, EnteredNamespace entered)
{
    private const int MostLayers = 64;

    public AttachReport Run()
    {
        if (entered.ReadMounts(out string? defect) is not { } table)
        {
            return new AttachReport(defect, []);
        }

        List<AttachedFile> report = [];
        foreach (string file in FilesIn(table))
        {
            AttachedFile detached = Detach(file);
            if (detached.Outcome != AttachOutcome.Missing)
            {
                report.Add(detached);
            }
        }

        return new AttachReport(null, report);
    }

    /// <summary>The files of ours that are mounted anywhere in a namespace. A container can bind them elsewhere: that is where they stay.</summary>
    private SortedSet<string> FilesIn(MountTable table)
    {
        SortedSet<string> files = new(StringComparer.Ordinal);
        ReadOnlySpan<byte> rest = table.Text;
        while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
        {
            if (OwnMountRules.IsOwn(line, request.Own, out _, out string? file) && !request.Except.Contains(file))
            {
                files.Add(file!);
            }
        }

        return files;
    }

    private AttachedFile Detach(string file)
    {
        bool hasRemoved = false;
        for (int layer = 0; layer < MostLayers; layer++)
        {
            if (FileView.Look(entered, file, request.Own, expectedRoot: null, out AttachedFile verdict) is not { } view)
            {
                return verdict;
            }

            using TargetFile target = view.Target;
            if (view.Cover is not (Cover.Ours or Cover.Present))
            {
                return new AttachedFile(file, hasRemoved ? AttachOutcome.Detached : view.Cover == Cover.Bare ? AttachOutcome.Missing : AttachOutcome.Foreign);
            }

            Errno error = entered.TakeOff(target);
            if (error is not (Errno.None or Errno.EAGAIN))
            {
                return new AttachedFile(file, AttachOutcome.Failed, (int)error);
            }

            hasRemoved |= error == Errno.None;
        }

        return new AttachedFile(file, AttachOutcome.Failed, (int)Errno.EBUSY);
    }
}
