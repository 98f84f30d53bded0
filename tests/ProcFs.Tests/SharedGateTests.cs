using System.Collections.Concurrent;
using ProcFs.Hook.Output;
using ProcFs.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace ProcFs.Tests;

/// <summary>What is left out of the log since an earlier process has said it.</summary>
public sealed class SharedGateTests : IDisposable
{
    private static readonly MessageTemplate Failed = new MessageTemplateParser().Parse("{Id} (process {Pid}): {What}, after {Milliseconds:0.0} ms");

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-told-").FullName;
    private readonly TestClock _clock = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_broken_container_is_told_of_once_a_minute_however_often_attach_is_started()
    {
        List<string> told = [];
        for (int run = 0; run < 13; run++)
        {
            // Each is another process: it has nothing but the file.
            if (NewProcess().Pass(Event("3f1c", run)) is { } line)
            {
                told.Add(LineFormatter.Sentence(line));
            }

            _clock.NowNs += 10 * TestClock.Second;
        }

        Assert.Equal(
            ["3f1c (process 4711): no /proc, after 0.0 ms", "3f1c (process 4711): no /proc, after 6.0 ms (and 5 like this before, which were left out)", "3f1c (process 4711): no /proc, after 12.0 ms (and 5 like this before, which were left out)"],
            told);
    }

    [Fact]
    public void Each_container_and_each_cause_is_told_whatever_digits_are_in_its_id()
    {
        Assert.All(Enumerable.Range(0, 200), i => Assert.NotNull(NewProcess().Pass(Event($"3f{i}"))));
        Assert.All(Enumerable.Range(0, 200), i => Assert.Null(NewProcess().Pass(Event($"3f{i}"))));
        Assert.NotNull(NewProcess().Pass(Event("3f1", what: "not root's")));
    }

    [Fact]
    public void Information_is_never_left_out_and_what_is_told_keeps_id_level_and_words()
    {
        Assert.All(Enumerable.Range(0, 3), _ => Assert.NotNull(NewProcess().Pass(Event("box", level: LogEventLevel.Information))));
        LogEvent first = Event("box");
        Assert.Same(first, NewProcess().Pass(first));
        Assert.Null(NewProcess().Pass(Event("box")));
        _clock.NowNs += 60 * TestClock.Second;
        LogEvent later = NewProcess().Pass(Event("box"))!;
        Assert.Equal((1402, LogEventLevel.Warning), (EventIds.Of(later), later.Level));
        Assert.Equal("\"box\"", later.Properties["Id"].ToString());
        Assert.Equal("1", later.Properties["LeftOut"].ToString());
    }

    [Fact]
    public void Where_the_file_cannot_be_made_all_is_told()
        => Assert.All(Enumerable.Range(0, 3), _ => Assert.NotNull(new SharedGate(new RepeatGate(_directory + "/no/such"), _clock).Pass(Event("box"))));

    [Fact]
    public void The_log_leaves_out_what_its_gate_does()
    {
        Written written = new();
        for (int run = 0; run < 3; run++)
        {
            using QueuedSink queue = new(new LoggerConfiguration().WriteTo.Sink(written).CreateLogger(), NewProcess());
            using Logger log = new LoggerConfiguration().WriteTo.Sink(queue).CreateLogger();
            log.Write(Event("box"));
            log.Write(Event("other" + run));
            Assert.True(SpinWait.SpinUntil(() => written.Has("other" + run), TimeSpan.FromSeconds(30))); // the last one, by the sink's own thread
        }

        Assert.Equal(["box", "other0", "other1", "other2"], written.Ids);
    }

    private SharedGate NewProcess() => new(new RepeatGate(_directory + "/told", FloodGate.MostKinds), _clock);

    private static LogEvent Event(string id, double milliseconds = 0, string what = "no /proc", LogEventLevel level = LogEventLevel.Warning) => new(DateTimeOffset.Now, level, null, Failed,
    [
        new LogEventProperty("Id", new ScalarValue(id)),
        new LogEventProperty("Pid", new ScalarValue(4711)),
        new LogEventProperty("What", new ScalarValue(what)),
        new LogEventProperty("Milliseconds", new ScalarValue(milliseconds)),
        EventIds.ToProperty(1402, "LogFailed"),
    ]);

    private sealed class Written : ILogEventSink
    {
        private readonly ConcurrentQueue<string> _ids = [];

        public IEnumerable<string> Ids => _ids;

        public bool Has(string id) => _ids.Contains(id);

        public void Emit(LogEvent logEvent) => _ids.Enqueue(logEvent.Properties["Id"].ToString().Trim('"'));
    }
}
