using ProcFs.Logging;
using Serilog.Events;
using Serilog.Parsing;

namespace ProcFs.Tests;

/// <summary>What is left out of the log, and what is said of it afterwards.</summary>
public sealed class FloodGateTests
{
    private static readonly MessageTemplate Broken = new MessageTemplateParser().Parse("{Id} (process {Pid}): {What}");
    private static readonly MessageTemplate Odd = new MessageTemplateParser().Parse("{Path} is odd");

    private readonly TestClock _clock = new();
    private readonly FloodGate _gate;

    public FloodGateTests() => _gate = new FloodGate(_clock);

    [Fact]
    public void A_broken_container_is_told_of_once_a_minute()
    {
        int told = 0;
        List<LogEvent> due = [];
        for (int second = 0; second < 180; second++)
        {
            // It is started again and again: the process is another one each time.
            told += _gate.Admits(OfContainer("box", pid: second)) ? 1 : 0;
            _clock.NowNs += 1 * TestClock.Second;
            due.AddRange(_gate.Due());
        }

        Assert.Equal(3, told);
        Assert.Equal(["59", "59", "59"], due.Select(line => line.Properties["Count"].ToString()));
        Assert.All(due, line => Assert.Equal(LogEventLevel.Warning, line.Level));
        Assert.All(due, line => Assert.Equal(EventIds.LeftOut, EventIds.Of(line)));
        Assert.Equal("left out 59 more line(s) like this in the last minute: [0] box (process 59): no /proc", LineFormatter.Sentence(due[0]));
    }

    [Fact]
    public void Other_containers_and_other_defects_are_told_at_once()
    {
        Assert.True(_gate.Admits(OfContainer("box")));
        Assert.False(_gate.Admits(OfContainer("box")));
        Assert.True(_gate.Admits(OfContainer("other")));
        Assert.True(_gate.Admits(OfContainer("box", what: "masked")));
    }

    [Fact]
    public void What_names_no_container_is_told_ten_times_a_minute()
    {
        int told = Enumerable.Range(0, 25).Count(_ => _gate.Admits(Event(Odd, ("Path", "/x"))));
        Assert.Equal(FloodGate.Most, told);
        Assert.True(_gate.Admits(Event(Odd, ("Path", "/y"))));
    }

    [Fact]
    public void Information_is_never_left_out()
        => Assert.All(Enumerable.Range(0, 100), _ => Assert.True(_gate.Admits(Event(Broken, LogEventLevel.Information, ("Id", "box")))));

    [Fact]
    public void Nothing_is_waited_for_unless_something_was_left_out()
    {
        Assert.True(_gate.Admits(OfContainer("box")));
        Assert.Null(_gate.Rest);
        _clock.NowNs += 20 * TestClock.Second;
        Assert.False(_gate.Admits(OfContainer("box")));
        Assert.Equal(TimeSpan.FromSeconds(40), _gate.Rest);
        Assert.Empty(_gate.Due());
        _clock.NowNs += 50 * TestClock.Second;
        Assert.Equal(TimeSpan.Zero, _gate.Rest);
        Assert.Single(_gate.Due());
        Assert.Null(_gate.Rest);
        Assert.True(_gate.Admits(OfContainer("box")));
    }

    [Fact]
    public void The_end_tells_what_was_left_out_until_then()
    {
        Assert.True(_gate.Admits(OfContainer("box")));
        Assert.False(_gate.Admits(OfContainer("box")));
        Assert.Empty(_gate.Due());
        Assert.Single(_gate.Due(all: true));
    }

    [Fact]
    public void Ever_new_names_do_not_fill_the_memory()
    {
        int told = Enumerable.Range(0, 5 * FloodGate.MostKinds).Count(i => _gate.Admits(OfContainer($"box{i}")));
        Assert.InRange(told, FloodGate.MostKinds, FloodGate.MostKinds + FloodGate.Most);
        _clock.NowNs += 61 * TestClock.Second;
        Assert.Single(_gate.Due());
        Assert.True(_gate.Admits(OfContainer("one more")));
    }

    private static LogEvent OfContainer(string id, string what = "no /proc", int pid = 1) => Event(Broken, ("Id", id), ("Pid", pid), ("What", what));

    private static LogEvent Event(MessageTemplate template, params (string Name, object Value)[] properties) => Event(template, LogEventLevel.Warning, properties);

    private static LogEvent Event(MessageTemplate template, LogEventLevel level, params (string Name, object Value)[] properties) =>
        new(DateTimeOffset.Now, level, null, template, properties.Select(property => new LogEventProperty(property.Name, new ScalarValue(property.Value))));
}
