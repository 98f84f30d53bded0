using System.Text.Json;
using ProcFs.Doctor;
using ProcFs.Doctor.Checks;

namespace ProcFs.Tests;

/// <summary>How findings become text, JSON and an exit code.</summary>
public sealed class DoctorReportTests
{
    [Theory]
    [InlineData(0, true, "ok", "note")]
    [InlineData(0, true, "ok", "warning")]
    [InlineData(1, true, "ok", "bad")]
    [InlineData(2, true, "bad", "warning")]
    [InlineData(1, false, "bad", "bad")]
    [InlineData(3, false, "ok", "note")]
    public void The_exit_code_is_of_what_is_wrong(int expected, bool isComplete, string config, string daemon)
        => Assert.Equal(expected, (int)new Diagnosis([("daemon", [new Told(ConfigCheck.Name, new Finding(State(config), "c")), new Told("daemon", new Finding(State(daemon), "d"))])], isComplete).ExitCode);

    [Fact]
    public void As_text_each_has_a_line_and_one_for_what_mends_it()
    {
        Diagnosis diagnosis = new([("host", [new Told("kernel", Finding.Ok("fine"))]), ("daemon", [new Told("daemon", Finding.Bad("none", Mend.Run("start it"))), new Told("x", Finding.Warning("hm", Mend.Do("think")))])], true);
        Assert.Equal(
            "host\n  ok       kernel  fine\ndaemon\n  bad      daemon  none\n                   $ start it\n  warning  x       hm\n                   -> think\nsomething is wrong for containers (1 bad, 1 warning, 0 notes)\n",
            diagnosis.Text(isQuiet: false));
        Assert.Equal("  bad      daemon  none\n                   $ start it\n  warning  x       hm\n                   -> think\n", diagnosis.Text(isQuiet: true));
    }

    [Fact]
    public void As_JSON_a_command_is_told_from_advice()
    {
        Diagnosis diagnosis = new([("daemon", [new Told("daemon", Finding.Bad("\"none\"", Mend.Run("start it"))), new Told("x", Finding.Note("hm", Mend.Do("think")))])], true);
        using JsonDocument json = JsonDocument.Parse(diagnosis.Json("/m"));
        JsonElement[] found = [.. json.RootElement.GetProperty("findings").EnumerateArray()];
        Assert.Equal(("/m", 1), (json.RootElement.GetProperty("mount").GetString(), json.RootElement.GetProperty("exitCode").GetInt32()));
        Assert.Equal(("daemon", "daemon", "bad", "\"none\"", "start it"), (Text(0, "part"), Text(0, "id"), Text(0, "state"), Text(0, "text"), Text(0, "command")));
        Assert.Equal(("note", "think"), (Text(1, "state"), Text(1, "advice")));
        Assert.False(found[1].TryGetProperty("command", out _));

        string? Text(int index, string name) => found[index].GetProperty(name).GetString();
    }

    [Fact]
    public void A_check_that_hangs_is_left_behind_and_one_that_fails_is_told()
    {
        using DoctorTree tree = new();
        using ManualResetEventSlim never = new();
        Examination examination = new(tree.Host(), TimeSpan.FromSeconds(3)); // for the others, too, on a machine that does much else
        (string _, IReadOnlyList<Told> told) = Assert.Single(examination.Run([("x",
        [
            new Check("hangs", () => { never.Wait(); return []; }),
            new Check("fails", () => throw new IOException("no luck : '/x'")),
            new Check("works", () => [Finding.Ok("yes")]),
        ])]));
        never.Set();
        Assert.Equal(
            [("hangs", "was not done within 3 s: something that it looks at hangs"), ("fails", "could not be done: no luck"), ("works", "yes")],
            told.Select(found => (found.Id, found.Finding.Text)));
    }

    [Fact]
    public void The_documentation_has_exactly_the_checks_of_the_code()
    {
        string page = File.ReadAllText(Path.Combine(Fixtures.Repository, "docs/doctor.md"));
        IEnumerable<string> documented = page[page.IndexOf("## Host", StringComparison.Ordinal)..].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
        Assert.Equal(AllChecks.Parts.SelectMany(part => part.Checks).Select(check => check.Id), documented);
    }

    private static CheckState State(string word) => Enum.GetValues<CheckState>().First(state => CheckStates.Word(state) == word);

    [Theory]
    [InlineData("/proc/self/exe", "sed -i s#/gone#/proc/self/exe# /etc/docker/daemon.json", false)]
    [InlineData("/proc/self/exe", "ln -sf /proc/self/exe /proc/self/procfs-runtime", false)]
    [InlineData("/proc/self/exe", "modprobe fuse", true)]
    [InlineData("/opt/procfs/current/procfs", "sed -i s#/gone#/opt/procfs/current/procfs# /etc/docker/daemon.json", true)]
    public void Who_has_no_path_on_the_host_names_none(string program, string line, bool isSaid)
    {
        Assert.Equal("procfs detach ID gives them back", OwnCommands.Sayable(Finding.Note($"{(program.StartsWith("/proc/", StringComparison.Ordinal) ? program : "procfs")} detach ID gives them back"), program).Text);
        Finding finding = Finding.Bad("x", Mend.Run(line));
        Finding said = OwnCommands.Sayable(finding, program);
        Assert.Equal(isSaid, said == finding);
        Assert.Equal(isSaid, said.Mend!.IsCommand);
        Assert.Equal(isSaid, !said.Mend.Line.StartsWith("install procfs on this host first", StringComparison.Ordinal));
    }

    private sealed class Check(string id, Func<IEnumerable<Finding>> look) : ICheck
    {
        public string Id => id;

        public IEnumerable<Finding> Look(DoctorHost host) => look();
    }
}
