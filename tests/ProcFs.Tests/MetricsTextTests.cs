using System.Text;
using System.Text.RegularExpressions;
using ProcFs.Metrics;
using ProcFs.Text;

namespace ProcFs.Tests;

/// <summary>Counters as text. A parser of Prometheus' own reads it in the integration tests.</summary>
public sealed class MetricsTextTests : IDisposable
{
    private readonly StatsFile _file = StatsFile.CreatePrivate();

    public void Dispose() => _file.Dispose();

    [Fact]
    public unsafe void Everything_that_is_counted_is_in_the_text()
    {
        WorkerStats worker = new(_file, 0);
        RequestStats requests = new([worker]);
        foreach ((ushort number, ReadOutcome outcome) in new[] { ((ushort)16, ReadOutcome.Made), ((ushort)16, ReadOutcome.Kept), ((ushort)17, ReadOutcome.Shared), ((ushort)64, ReadOutcome.Host), ((ushort)512, ReadOutcome.Made) })
        {
            requests.Received(0, 0);
            worker.CountRead(number, 0, outcome);
            requests.Handled(0, 15, isError: false);
            requests.Answered(0, 15, 20_000);
        }

        requests.Handled(0, 1, isError: true);
        requests.Answered(0, 1, 2_500_000_000);
        foreach (StatsEvent what in Enum.GetValues<StatsEvent>())
        {
            _file.Count(what, 100 + (int)what);
        }

        _file.Begin("1.2.3\"\\", 4, 77);
        StatsHeader* header = _file.Header;
        (header->StartedMs, header->Containers, header->HeapBytes, header->AllocatedBytes, header->Collections) = (1_700_000_000_250, 12, 3_000_000, 4_000_000, 5);
        (header->OpenFiles, header->LongestRequestNs) = (6, 1_500_000);
        DaemonState state = new(4711, TimeSpan.FromSeconds(1.5), new ProcessUse(20_000_000, 12_340_000_000));
        Golden.AssertEqual(Path.Combine(Fixtures.Root, "metrics.txt"), Text(Counts(), state, new MountCounts(11, 2, 3)));
    }

    [Fact]
    public void Without_counters_there_is_no_more_than_that_nobody_serves()
        => Assert.Equal("# HELP procfs_up Whether a daemon serves the mount and says that it is well.\n# TYPE procfs_up gauge\nprocfs_up 0\n", Text(null, default, null));

    [Theory]
    [InlineData(0, 0, "procfs_up 0")]
    [InlineData(7, 0, "procfs_up 1")]
    [InlineData(7, 29, "procfs_up 1")]
    [InlineData(7, 31, "procfs_up 0")]
    public void A_daemon_that_says_nothing_any_more_is_not_up(int pid, int silentSeconds, string expected)
        => Lines.AssertIn(Text(Counts(), new DaemonState(pid, TimeSpan.FromSeconds(silentSeconds), null), null), expected);

    [Fact]
    public unsafe void A_daemon_that_has_not_begun_is_not_up_and_does_not_hang()
    {
        _file.Begin("1.2.3", 4, 77);
        _file.Header->HeartbeatNs = 1; // the host's first second
        DaemonState one = DaemonState.Of(Environment.ProcessId, Counts(), null), next = DaemonState.Of(Environment.ProcessId + 1, Counts(), null);
        Assert.Equal((true, false), (one.Hangs, next.Hangs));
        Assert.Null(next.Silence);
        Lines.AssertIn(Text(Counts(), next, null), "procfs_up 0");

        _file.Begin("1.2.4", 4, 77);
        Assert.Null(DaemonState.Of(Environment.ProcessId, Counts(), null).Silence);
    }

    [Fact]
    public void Without_counters_a_daemon_that_is_there_is_up()
        => Lines.AssertIn(Text(null, new DaemonState(7, null, null), null), "procfs_up 1");

    [Fact]
    public void Mounts_of_a_connection_that_nobody_serves_are_not_alive()
    {
        string text = Text(Counts(), new DaemonState(0, null, null), new MountCounts(11, 2, 3));
        Lines.AssertIn(text, "procfs_container_mounts{state=\"alive\"} 0\nprocfs_container_mounts{state=\"unserved\"} 13\nprocfs_container_mounts{state=\"dead\"} 3");
    }

    [Fact]
    public void The_text_is_made_without_allocating()
    {
        StatsSnapshot counts = Counts();
        TextBuffer output = new(1 << 16);
        DaemonState state = new(1, TimeSpan.Zero, new ProcessUse(1, 1));
        Allocated.AssertNone(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                output.Clear();
                counts.Load(_file.Bytes);
                MetricsText.Write(counts, state, new MountCounts(1, 1, 1), output);
            }
        });
    }

    [Fact]
    public void The_documentation_has_exactly_the_metrics_of_the_code()
    {
        string text = Text(Counts(), new DaemonState(1, TimeSpan.Zero, new ProcessUse(1, 1)), default(MountCounts));
        IEnumerable<string> written = Regex.Matches(text, "(?m)^# TYPE (\\S+) (\\S+)$").Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}");
        IEnumerable<string> documented = File.ReadLines(Path.Combine(Fixtures.Repository, "docs/metrics.md")).Where(line => line.StartsWith("| `procfs_", StringComparison.Ordinal))
            .Select(line => $"{line.Split('`')[1].Split('{')[0]} {line.Split('|')[2].Trim()}");
        Assert.Equal(written.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_alerts_of_the_documentation_ask_for_metrics_that_there_are()
    {
        string text = Text(Counts(), new DaemonState(1, TimeSpan.Zero, new ProcessUse(1, 1)), default(MountCounts));
        string[] asked = [.. File.ReadLines(Path.Combine(Fixtures.Repository, "docs/metrics.md")).Where(line => line.TrimStart().StartsWith("expr:", StringComparison.Ordinal))
            .SelectMany(line => Regex.Matches(line, "procfs_[a-z_]+").Select(match => match.Value))];
        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Contains($"# TYPE {name.Replace("_bucket", "", StringComparison.Ordinal)} ", text, StringComparison.Ordinal));
    }

    private StatsSnapshot Counts()
    {
        StatsSnapshot counts = new();
        counts.Load(_file.Bytes);
        return counts;
    }

    private static string Text(StatsSnapshot? counts, in DaemonState state, MountCounts? mounts)
    {
        TextBuffer output = new();
        MetricsText.Write(counts, state, mounts, output);
        return Encoding.UTF8.GetString(output.Text);
    }
}
