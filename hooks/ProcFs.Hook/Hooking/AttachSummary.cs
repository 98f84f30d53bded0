using System.Globalization;
using System.Text;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Output;
using ProcFs.Interop;

namespace ProcFs.Hook.Hooking;

/// <summary>What an attach did, in one sentence.</summary>
internal static class AttachSummary
{
    /// <param name="who">As "container box".</param>
    /// <param name="report">Of the attach.</param>
    /// <param name="unserved">Files that were asked for and are not served.</param>
    /// <param name="took">How long all of it took.</param>
    public static HookResult Of(string who, AttachReport report, IReadOnlyList<string> unserved, TimeSpan took)
    {
        if (report.Refusal is { } refusal)
        {
            return new HookResult(HookEvent.NoFiles, $"{who} gets no files: {refusal}");
        }

        int attached = 0;
        bool isFailure = false;
        StringBuilder rest = new();
        foreach (AttachedFile file in report.Files)
        {
            switch (file.Outcome)
            {
                case AttachOutcome.Attached or AttachOutcome.Replaced or AttachOutcome.Stacked or AttachOutcome.Present: attached++; break;
                case AttachOutcome.Foreign: Append(rest, file.File, "something else is mounted there, or will be"); break;
                case AttachOutcome.Missing: Append(rest, file.File, "the container has no such file"); break;
                default:
                    isFailure = true;
                    Append(rest, file.File, file.Error == (int)Errno.ETIMEDOUT ? "time was up" : Libc.Describe((Errno)file.Error));
                    break;
            }
        }

        foreach (string file in unserved)
        {
            isFailure = true; // mostly a name that was mistyped
            Append(rest, file, "not served");
        }

        string files = attached == 1 ? "1 file" : string.Create(CultureInfo.InvariantCulture, $"{attached} files");
        return new HookResult(isFailure ? HookEvent.SomeFiles : HookEvent.Attached, string.Create(CultureInfo.InvariantCulture, $"{who} has {files} of ours{rest} ({took.TotalMilliseconds:0.0} ms)"));
    }

    private static void Append(StringBuilder rest, string file, string why) => rest.Append(rest.Length == 0 ? "; not " : ", ").Append(file).Append(" (").Append(why).Append(')');
}
