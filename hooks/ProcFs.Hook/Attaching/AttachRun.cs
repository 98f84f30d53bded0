using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// One attach. First all files are looked at, then the daemon is asked for those that are wanted, then they are attached one by one, each
/// looked at again: the container may have done anything meanwhile.
/// </summary>
internal sealed class AttachRun(AttachRequest request, EnteredNamespace entered, Deadline deadline)
{
    private const int MostSteps = 64; // stacked layers are taken off one by one, and a container may put on as many as it likes

    private readonly string _sourceRoot = SourceRoot.Of(request.SourceDirectory);

    public AttachReport Run()
    {
        AttachedFile[] report = new AttachedFile[request.Files.Count];
        List<int> wanted = [];
        if (Survey(report, wanted) is { } refusal)
        {
            return new AttachReport(refusal, []);
        }

        SourceTrees trees = SourceTrees.Open(
            request.SourceDirectory, [.. wanted.Select(index => request.Files[index])], request.Own.LiveMinor, deadline.ButForAnEighth());
        try
        {
            // The directory first: whatever of ours is in it goes with it.
            foreach (int index in wanted.OrderBy(index => !CpuDirectory.Is(request.Files[index])))
            {
                string file = request.Files[index];
                if (CpuDirectory.Holds(file) && HasDirectory(report))
                {
                    continue;
                }

                using FileDescriptor? tree = trees.Take(file, out Errno error);
                if (tree is null && error is Errno.ENOSYS or Errno.EPERM)
                {
                    return new AttachReport("the kernel (before Linux 5.2) or a seccomp filter refuses open_tree(2), which attaching needs", []);
                }

                report[index] = tree is null ? Failed(file, error) : Attach(file, tree);
            }
        }
        finally
        {
            trees.Close();
        }

        return new AttachReport(null, HasDirectory(report) ? [.. report.Where(attached => attached.File is not null && !CpuDirectory.Holds(attached.File))] : report);
    }

    /// <summary>Whether the container has the directory from us now: then its files are no matter of their own.</summary>
    private static bool HasDirectory(AttachedFile[] report) => report.Any(attached => attached.File is not null && CpuDirectory.Is(attached.File)
        && attached.Outcome is (AttachOutcome.Present or AttachOutcome.Attached or AttachOutcome.Replaced or AttachOutcome.Stacked));

    /// <summary>What is there, and which files need something done; returns why nothing can be.</summary>
    private string? Survey(AttachedFile[] report, List<int> wanted)
    {
        TargetFile?[] targets = new TargetFile?[report.Length];
        try
        {
            string? defect = null;
            bool isAnyRootThere = false;
            for (int i = 0; i < targets.Length; i++)
            {
                string file = request.Files[i];
                bool isRootThere = entered.RootOf(file, out _, out string? rootDefect) is not null;
                defect ??= rootDefect;
                isAnyRootThere |= isRootThere;
                if (!isRootThere && !entered.IsRootAbsent(file) && file.StartsWith("proc/", StringComparison.Ordinal))
                {
                    // Without a /proc of the kernel's this is no container as we know them. Some engines have a /sys of their own making.
                    return $"nothing is attached to process {Text(request.Pid)}: {rootDefect}";
                }

                if (KeptMasks.Hides(request.Masked, file))
                {
                    report[i] = new AttachedFile(file, AttachOutcome.Foreign);
                }
                else
                {
                    targets[i] = FileView.Open(entered, file, out report[i]);
                }
            }

            if (!isAnyRootThere && defect is not null)
            {
                return $"nothing is attached to process {Text(request.Pid)}: {defect}";
            }

            // All are held now, so each id in this text is of the mount that was opened.
            if (entered.ReadMounts(out defect) is not { } table)
            {
                return $"nothing is attached to process {Text(request.Pid)}: {defect}";
            }

            for (int i = 0; i < targets.Length; i++)
            {
                if (targets[i] is { } target)
                {
                    string file = request.Files[i];
                    Cover cover = FileView.Of(entered, table, target, file, request.Own, ExpectedRoot(file)).Cover;
                    report[i] = new AttachedFile(file, cover == Cover.Present ? AttachOutcome.Present : AttachOutcome.Foreign);
                    if (cover is Cover.Bare or Cover.Ours)
                    {
                        wanted.Add(i);
                    }
                }
            }

            return null;
        }
        finally
        {
            foreach (TargetFile? target in targets)
            {
                target?.Dispose();
            }
        }
    }

    private AttachedFile Attach(string file, FileDescriptor tree)
    {
        bool isPut = false;     // the tree is in the container
        bool hasRemoved = false;
        for (int step = 0; step < MostSteps && !deadline.HasPassed; step++)
        {
            if (FileView.Look(entered, file, request.Own, ExpectedRoot(file), out AttachedFile verdict) is not { } view)
            {
                return verdict;
            }

            using TargetFile target = view.Target;
            switch (view.Cover)
            {
                case Cover.Present:
                    return new AttachedFile(file, isPut || hasRemoved ? AttachOutcome.Replaced : AttachOutcome.Present);

                case Cover.Foreign:
                    return new AttachedFile(file, AttachOutcome.Foreign);

                case Cover.Bare when isPut: // the container took it off at once
                    return Failed(file, Errno.EBUSY);

                case Cover.Bare:
                    Errno error = Put(file, tree, target);
                    return error == Errno.None ? new AttachedFile(file, hasRemoved ? AttachOutcome.Replaced : AttachOutcome.Attached) : Failed(file, error);
            }

            // Ours. Below a readable one, or a last one, nobody notices that they change places. A dead one on other dead ones goes first.
            if (!isPut && (view.IsLive || view.Layers == 1) && entered.PutBeneath(tree, target) == Errno.None)
            {
                isPut = true;
            }

            Errno removal = entered.TakeOff(target);
            if (removal == Errno.EINVAL && !isPut)
            {
                removal = entered.Put(tree, target); // locked, and may not be taken off; but what lies on top is what is read
                return removal == Errno.None ? new AttachedFile(file, AttachOutcome.Stacked) : Failed(file, removal);
            }

            if (removal is not (Errno.None or Errno.EAGAIN))
            {
                return Failed(file, removal);
            }

            hasRemoved |= removal == Errno.None;
        }

        return Failed(file, deadline.HasPassed ? Errno.ETIMEDOUT : Errno.EBUSY);
    }

    /// <summary>On the kernel's own. What of ours was in there, and what the engine means to hide, is seen to with it.</summary>
    private Errno Put(string file, FileDescriptor tree, TargetFile target)
    {
        Errno error = entered.RootOf(file, out VerifiedRoot root, out _) is { } directory
            ? KeptMasks.Put(directory, root, request.Masked, file, entered.Put)
            : Errno.None;
        using CoveredFiles covered = CoveredFiles.Hold(entered, file, request.Own);
        error = error == Errno.None ? entered.Put(tree, target) : error;
        if (error == Errno.None)
        {
            covered.TakeOff();
        }

        return error;
    }

    /// <summary>The root field of what should be there: "/c/7/proc/meminfo" or "/common/proc/meminfo".</summary>
    private string ExpectedRoot(string file) => $"{_sourceRoot}/{file}";

    private static AttachedFile Failed(string file, Errno error) => new(file, AttachOutcome.Failed, (int)error);

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
