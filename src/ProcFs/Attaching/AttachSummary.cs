using ProcFs.Hook.Attaching;
using ProcFs.Interop;

namespace ProcFs.Attaching;

/// <summary>What was done to one container, as one line of the log has it.</summary>
internal readonly record struct AttachSummary(bool HasDone, bool HasFailed, string Text)
{
    private static readonly (AttachOutcome Outcome, string Word)[] Done =
    [
        (AttachOutcome.Attached, "attached"),
        (AttachOutcome.Replaced, "replaced"),
        (AttachOutcome.Stacked, "put on top of dead ones that are locked"),
        (AttachOutcome.Detached, "taken off"),
    ];

    public static AttachSummary Of(IReadOnlyList<AttachReport> reports)
    {
        AttachedFile[] files = [.. reports.SelectMany(report => report.Files)];
        List<string> parts = [];
        foreach ((AttachOutcome outcome, string word) in Done)
        {
            int count = files.Count(file => file.Outcome == outcome);
            if (count > 0)
            {
                parts.Add($"{count} {(count == 1 ? "file" : "files")} {word}");
            }
        }

        bool hasDone = parts.Count > 0;
        AddNames(parts, files, AttachOutcome.Foreign, "left alone, as something else is or will be mounted there: ");
        AddNames(parts, files, AttachOutcome.Missing, "not in this container: ");
        IGrouping<int, AttachedFile>[] failures = [.. files.Where(file => file.Outcome == AttachOutcome.Failed).GroupBy(file => file.Error)];
        parts.AddRange(failures.Select(group => $"failed ({Libc.Describe((Errno)group.Key)}): {Names(group)}"));
        string[] refusals = [.. reports.Select(report => report.Refusal).OfType<string>().Distinct()];
        parts.AddRange(refusals);
        return new AttachSummary(hasDone, failures.Length > 0 || refusals.Length > 0, string.Join("; ", parts));
    }

    private static void AddNames(List<string> parts, AttachedFile[] files, AttachOutcome outcome, string words)
    {
        string names = Names(files.Where(file => file.Outcome == outcome));
        if (names.Length > 0)
        {
            parts.Add(words + names);
        }
    }

    private static string Names(IEnumerable<AttachedFile> files) => string.Join(", ", files.Select(file => file.File).Distinct());
}
