using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>One thing that doctor told.</summary>
internal sealed record Told(string Id, string State, string Text, string? Command, string? Advice);

/// <summary>What one run of <c>procfs doctor --json</c> told.</summary>
internal sealed record Diagnosis(int ExitCode, IReadOnlyList<Told> All, string Raw)
{
    /// <summary>What a check told; it must have told something, and have been able to.</summary>
    public IReadOnlyList<Told> Of(string id)
    {
        Told[] told = [.. All.Where(finding => finding.Id == id)];
        Assert.True(told.Length > 0, $"nothing is told of {id}:\n{Raw}");
        Assert.DoesNotContain(told, finding => finding.Text.Contains("could not be done", StringComparison.Ordinal) || IsLate(finding));
        return told;
    }

    /// <summary>Whether a check was left behind: something hangs, or the machine did something else meanwhile.</summary>
    public bool IsLateWith(string id) => All.Any(finding => finding.Id == id && IsLate(finding));

    private static bool IsLate(Told finding) => finding.Text.Contains("was not done within", StringComparison.Ordinal);

    /// <summary>That a check tells this, in this state, and once.</summary>
    public Told Expect(string id, string state, string word)
    {
        Told[] told = [.. Of(id).Where(finding => finding.State == state && finding.Text.Contains(word, StringComparison.Ordinal))];
        Assert.True(told.Length == 1, $"{id} does not tell \"{word}\" as {state}, once:\n{Raw}");
        return told[0];
    }

    /// <summary>Whether a check told something, and nothing worth a word. It must have been able to.</summary>
    public bool IsOk(string id)
    {
        Told[] told = [.. All.Where(finding => finding.Id == id)];
        Assert.DoesNotContain(told, finding => finding.Text.Contains("could not be done", StringComparison.Ordinal));
        return told.Length > 0 && told.All(finding => finding.State == "ok" && !IsLate(finding));
    }

    /// <summary>That a check finds nothing worth a word.</summary>
    public void ExpectOk(string id) => Assert.True(IsOk(id), $"{id} is not ok:\n{string.Join('\n', Of(id))}\n{Raw}");
}

/// <summary>Runs doctor, and does what it says.</summary>
/// <param name="scratch">Where what it starts writes its output.</param>
/// <param name="before">What to put before each command: the place that is looked at.</param>
/// <param name="options">Where doctor looks.</param>
internal sealed class Doctor(string scratch, IReadOnlyList<string> before, IReadOnlyList<string> options)
{
    public Doctor(ServedTree tree, Site site)
        : this(tree.NewDirectory("doctor"), [], site.Command("doctor")[2..])
    {
    }

    /// <summary>The file of the program: what it is started by, and names in lines that it says.</summary>
    public string Program { get; init; } = Daemon.Binary;

    public Diagnosis Look()
    {
        Output output = Child.Run([.. before, Program, "doctor", "--json", .. options]);
        Assert.True(output.Out.StartsWith('{'), $"exit code {output.ExitCode}: {output.Out}{output.Error}");
        JsonNode report = JsonNode.Parse(output.Out)!;
        Assert.Equal(output.ExitCode, (int)report["exitCode"]!);
        Told[] all = [.. report["findings"]!.AsArray().Select(finding => new Told(
            (string)finding!["id"]!, (string)finding["state"]!, (string)finding["text"]!, (string?)finding["command"], (string?)finding["advice"]))];
        return new Diagnosis(output.ExitCode, all, string.Join('\n', all.Where(finding => finding.State != "ok")));
    }

    /// <summary>Looks until a check tells this: on a busy machine it may not get at everything in its time.</summary>
    public Diagnosis LookFor(string id, string state, string word, int? exitCode = null) => LookUntil(diagnosis =>
        !diagnosis.IsLateWith(id) && diagnosis.Of(id).Any(told => told.State == state && told.Text.Contains(word, StringComparison.Ordinal))
            && (exitCode ?? diagnosis.ExitCode) == diagnosis.ExitCode);

    /// <summary>Looks until this is its exit code: a daemon that has not answered in 0.4 s counts as one that does not.</summary>
    public Diagnosis LookFor(int exitCode) => LookUntil(diagnosis => diagnosis.ExitCode == exitCode);

    /// <summary>Looks until it is as it should be: on a busy machine neither daemon nor keeper nor containers may answer in the time they are given.</summary>
    /// <returns>What was told last.</returns>
    public Diagnosis LookUntil(Func<Diagnosis, bool> isExpected)
    {
        Diagnosis last = Look();
        _ = Pace.Until(10, () => isExpected(last) || isExpected(last = Look()));
        return last;
    }

    /// <summary>Runs the line that mends something, as it was told, like somebody who types it.</summary>
    public void Do(Told told)
    {
        Assert.True(told.Command is not null, $"no command mends {told}");
        Do(told.Command!);
    }

    /// <summary>Runs a line, in the same way.</summary>
    public void Do(string line)
    {
        // What it leaves running must not hold our pipes.
        Output output = Child.Run([.. before, "sh", "-c", "exec >\"$2\" 2>&1 </dev/null; eval \"$1\"", "sh", line, $"{scratch}/output"]);
        Assert.True(output.ExitCode == 0, $"exit code {output.ExitCode} of: {line}\n{File.ReadAllText($"{scratch}/output")}");
    }

    /// <summary>Waits until a check is ok: what was started may need a moment.</summary>
    public void ExpectOk(string id, double seconds = 20)
    {
        Diagnosis? last = null;
        Assert.True(Pace.Until(seconds, () => (last = Look()).IsOk(id)), $"{id} does not become ok:\n{last?.Raw}");
    }

    /// <summary>All of it: the check tells this, its line is run, and it is ok.</summary>
    /// <returns>What was wrong.</returns>
    public Diagnosis Mend(string id, string state, string word, int? exitCode = null)
    {
        Diagnosis before = LookFor(id, state, word, exitCode);
        Do(before.Expect(id, state, word));
        ExpectOk(id);
        return before;
    }
}
