using System.Globalization;
using System.Text;
using System.Text.Json;
using ProcFs.Doctor.Checks;
using ProcFs.Text;

namespace ProcFs.Doctor;

/// <summary>What was found, as people and as programs read it, and as an exit code.</summary>
/// <param name="Parts">The findings, by part.</param>
/// <param name="IsComplete">All could be looked at; without root it could not.</param>
internal sealed record Diagnosis(IReadOnlyList<(string Part, IReadOnlyList<Told> Findings)> Parts, bool IsComplete)
{
    private IEnumerable<Told> All => Parts.SelectMany(part => part.Findings);

    /// <summary>docs/doctor.md has the same as a table.</summary>
    public ExitCode ExitCode => All.Any(told => told.Finding.State == CheckState.Bad && told.Id != ConfigCheck.Name) ? ExitCode.Failed
        : All.Any(told => told.Finding.State == CheckState.Bad) ? ExitCode.WrongUse
        : IsComplete ? ExitCode.Done : ExitCode.Impossible;

    /// <summary>A line for each finding, and one more for what mends it.</summary>
    /// <param name="isQuiet">Only what is wrong.</param>
    public string Text(bool isQuiet)
    {
        StringBuilder text = new();
        int width = All.Max(told => told.Id.Length);
        foreach ((string part, IReadOnlyList<Told> findings) in Parts)
        {
            Told[] shown = [.. findings.Where(told => !isQuiet || told.Finding.State >= CheckState.Warning)];
            if (shown.Length > 0 && !isQuiet)
            {
                text.Append(part).Append('\n');
            }

            foreach (Told told in shown)
            {
                string state = CheckStates.Word(told.Finding.State);
                text.Append(CultureInfo.InvariantCulture, $"  {state,-7}  {told.Id.PadRight(width)}  {told.Finding.Text}\n");
                if (told.Finding.Mend is { } mend)
                {
                    text.Append(CultureInfo.InvariantCulture, $"  {"",-7}  {"".PadRight(width)}  {(mend.IsCommand ? "$" : "->")} {mend.Line}\n");
                }
            }
        }

        return isQuiet ? text.ToString() : text.Append(Conclusion()).Append('\n').ToString();
    }

    /// <summary>The same as one object.</summary>
    public byte[] Json(string mount) => JsonText.Format(json =>
    {
        json.WriteStartObject();
        json.WriteString("mount", mount);
        json.WriteNumber("exitCode", (int)ExitCode);
        json.WriteStartArray("findings");
        foreach ((string part, IReadOnlyList<Told> findings) in Parts)
        {
            foreach (Told told in findings)
            {
                Write(json, part, told);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, string part, Told told)
    {
        json.WriteStartObject();
        json.WriteString("part", part);
        json.WriteString("id", told.Id);
        json.WriteString("state", CheckStates.Word(told.Finding.State));
        json.WriteString("text", told.Finding.Text);
        if (told.Finding.Mend is { } mend)
        {
            json.WriteString(mend.IsCommand ? "command" : "advice", mend.Line);
        }

        json.WriteEndObject();
    }

    private string Conclusion()
    {
        int bad = Count(CheckState.Bad), warnings = Count(CheckState.Warning), notes = Count(CheckState.Note);
        string counts = $"{bad} bad, {Words.Count(warnings, "warning")}, {Words.Count(notes, "note")}";
        return ExitCode switch
        {
            ExitCode.Done => $"containers are served right ({counts})",
            ExitCode.Impossible => $"nothing wrong was found, but not everything could be looked at ({counts})",
            ExitCode.WrongUse => $"the configuration cannot be used ({counts})",
            _ => $"something is wrong for containers ({counts})",
        };
    }

    private int Count(CheckState state) => All.Count(told => told.Finding.State == state);
}
