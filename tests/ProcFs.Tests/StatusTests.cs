using System.Text;
using System.Text.Json;
using ProcFs.Hook.Registration;
using ProcFs.Metrics;
using ProcFs.Serving;
using ProcFs.Status;

namespace ProcFs.Tests;

/// <summary>What is found out, said for people and for programs.</summary>
public sealed class StatusTests : IDisposable
{
    private readonly StatsFile _file = StatsFile.CreatePrivate();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_container_is_a_line_with_its_files_and_reads()
    {
        string[] lines = Table(Report(Container(new MountCounts(11, 0, 0)) with { Reads = 12, ReadsPerSecond = 2.5, SinceRead = TimeSpan.FromMinutes(3) }));
        Assert.Equal("CONTAINER  PID   NUMBER  FILES   CPUS  MEMORY   SWAP  BTIME       OFF      READS  READS/S  LAST READ", lines[2]);
        Assert.Equal("box        4711  7       11 own  2     1024 kB  0 kB  the host's  nothing  12     2.5      3 min ago", lines[3]);
    }

    [Theory]
    [InlineData(0, 0, 0, "none")]
    [InlineData(2, 9, 0, "2 own, 9 common")]
    [InlineData(0, 0, 3, "3 dead")]
    [InlineData(11, 0, 1, "11 own, 1 dead")]
    public void Files_are_told_apart(int own, int common, int dead, string expected)
        => Assert.Contains($" {expected} ", Table(Report(Container(new MountCounts(own, common, dead))))[3], StringComparison.Ordinal);

    [Fact]
    public void What_is_not_known_is_not_made_up()
    {
        ContainerStatus container = Container(null) with { Number = 0, Reads = null, ReadsPerSecond = null, SinceRead = null };
        string line = Table(Report(container))[3];
        Assert.Equal("box 4711 - unknown 2 1024 kB 0 kB the host's nothing - - -", string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        JsonElement parsed = Parse(Report(container)).GetProperty("containers")[0];
        Assert.All(["number", "mounts", "reads", "readsPerSecond", "secondsSinceRead"], name => Assert.Equal(JsonValueKind.Null, parsed.GetProperty(name).ValueKind));
    }

    [Fact]
    public void Files_that_nobody_answers_for_are_unserved()
    {
        StatusReport report = Report(Container(new MountCounts(11, 0, 0))) with { Daemon = default, State = HealthState.Unserved };
        Assert.StartsWith("/m: nobody serves it, 1 container(s) registered", Table(report)[0], StringComparison.Ordinal);
        Assert.Contains(" 11 own, unserved ", Table(report)[3], StringComparison.Ordinal);
        Assert.Equal("unserved", Parse(report).GetProperty("state").GetString());
    }

    [Fact]
    public void A_daemon_that_hangs_is_said_to()
    {
        StatusReport report = Report() with { Daemon = new DaemonState(12, TimeSpan.FromSeconds(45), null), State = HealthState.Hangs };
        Assert.Equal("/m: served by process 12, which hangs: no sign of life for 45 s, 0 container(s) registered", Table(report)[0]);
        Assert.Equal("hangs", Parse(report).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(HealthState.Starting, "starting", "process 1 is about to serve it")]
    [InlineData(HealthState.Stopped, "stopped", "served by process 1, which was stopped by a signal")]
    [InlineData(HealthState.Unmounted, "unmounted", "served by process 1, whose files are not mounted there")]
    public void Table_and_JSON_know_the_states_that_health_knows(object state, string word, string words)
    {
        StatusReport report = Report() with { State = (HealthState)state };
        Assert.Equal(word, Parse(report).GetProperty("state").GetString());
        Assert.Equal($"/m: {words}, 0 container(s) registered", Table(report)[0]);
    }

    [Fact]
    public void The_daemons_version_and_age_are_its_own()
    {
        _file.Begin("1.2.3", 4, 5);
        Assert.Matches($@"^/m: served by process {Environment.ProcessId} \(1\.2\.3, for [0-9] s\), 0 container\(s\) registered$", Table(Report() with { Daemon = new DaemonState(Environment.ProcessId, TimeSpan.Zero, null) })[0]);
        // Another process has the lock by now, and has not written yet who it is.
        Assert.Equal("/m: served by process 1, 0 container(s) registered", Table(Report())[0]);
    }

    [Fact]
    public void What_has_happened_since_boot_is_added_up()
    {
        foreach (StatsEvent what in Enum.GetValues<StatsEvent>())
        {
            _file.Count(what);
        }

        Assert.Equal("since boot: 2 reads, 1 restart(s) survived, 3 fallback(s), 5 time(s) data absent, 2 stall(s)", Table(Report())[1]);
        JsonElement parsed = Parse(Report());
        Assert.Equal((2, 1, 3, 5, 2), (Number("reads"), Number("restartsSurvived"), Number("fallbacks"), Number("absent"), Number("stalls")));

        int Number(string name) => parsed.GetProperty(name).GetInt32();
    }

    [Fact]
    public void Without_counters_it_says_why()
    {
        StatusReport report = Report() with { Counts = null, Defect = "/run/m.stats cannot be used" };
        Assert.Equal("nothing is known of reads: /run/m.stats cannot be used", Table(report)[1]);
        Assert.Equal("/run/m.stats cannot be used", Parse(report).GetProperty("defect").GetString());
    }

    [Fact]
    public void Between_two_reports_reads_per_second_are_what_was_read()
    {
        StatusReport before = Report(Container(default(MountCounts)) with { Reads = 10 });
        Thread.Sleep(50);
        StatusReport now = Report(Container(default(MountCounts)) with { Reads = 30 });
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(before.Timestamp, now.Timestamp).TotalSeconds;
        Assert.Equal(20 / seconds, Assert.Single(now.Since(before).Containers).ReadsPerSecond!.Value, 3);
        // A container that began to be counted anew meanwhile.
        Assert.Equal(7, Assert.Single((now with { Containers = [Container(null) with { Reads = 1, ReadsPerSecond = 7 }] }).Since(before).Containers).ReadsPerSecond);
    }

    [Theory]
    [InlineData(59, "59 s")]
    [InlineData(61, "1 min")]
    [InlineData(7200, "2 h")]
    [InlineData(200_000, "2 d")]
    public void An_age_has_one_unit(int seconds, string expected) => Assert.Equal(expected, StatusTable.Age(TimeSpan.FromSeconds(seconds)));

    private StatusReport Report(params ContainerStatus[] containers)
    {
        StatsSnapshot counts = new();
        counts.Load(_file.Bytes);
        return new StatusReport("/m", new DaemonState(1, TimeSpan.Zero, null), HealthState.Served, counts, null, containers);
    }

    private static ContainerStatus Container(MountCounts? mounts) => new(
        new RegistryEntry { Id = "box", Pid = 4711, StartTime = 1, Source = "hook" },
        7,
        [new ExplainedValue("cpus", "2", "why"), new ExplainedValue("memory", "1024 kB", "why"), new ExplainedValue("swap", "0 kB", "why"), new ExplainedValue("btime", "the host's", "why"), new ExplainedValue("off", "nothing", "why")],
        mounts, 0, null, 0);

    private static string[] Table(StatusReport report) => StatusTable.Format(report, withWhy: false).Split('\n');

    private static JsonElement Parse(StatusReport report)
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(StatusJson.Format(report)));
        return document.RootElement.Clone();
    }
}
