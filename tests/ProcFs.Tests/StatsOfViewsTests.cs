using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Host;
using ProcFs.Metrics;
using ProcFs.Registration;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Tests;

/// <summary>What is counted when a view is found, or is not.</summary>
public sealed class StatsOfViewsTests : IDisposable
{
    private const int Thread = 10;
    private const ulong Number = 3;

    private readonly HostTree _host = HostTree.Of("v2");
    private readonly StatsFile _file = StatsFile.CreatePrivate();
    private readonly ViewService _views;
    private readonly ViewRenderer _renderer;
    private readonly TextBuffer _output = new();

    public StatsOfViewsTests()
    {
        _host.Process(Thread, 100000, "/c", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1);
        _host.Cgroup("/c", ("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192"), ("cpuset.cpus.effective", "0"));
        _host.WriteProcs("/c", "10\n");
        _views = new ViewService(
            HostRoots.From(_host.Path("proc"), _host.Path("sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance, new Standing(), reuse: Reuse.ByDaemon, stats: _file);
        _renderer = _views.CreateRenderer(new WorkerStats(_file, 0));
    }

    public void Dispose()
    {
        _views.Dispose();
        _host.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void The_first_text_is_made_and_the_next_one_used_again()
    {
        Assert.Equal(ReadOutcome.Made, Render("meminfo"));
        Assert.Equal(ReadOutcome.Reused, Render("meminfo"));
        AssertNothingCounted();
    }

    [Fact]
    public void A_text_that_goes_by_the_CPUs_is_made_once_for_all_containers_with_the_same()
    {
        Assert.Equal(ReadOutcome.Made, Render("cpuinfo"));
        _host.Process(11, 100000, "/d", "pid:[4026532003]", "mnt:[4026532004]", namespacePid: 1);
        _host.Cgroup("/d", ("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192"), ("cpuset.cpus.effective", "0"));
        _host.WriteProcs("/d", "11\n");
        Assert.Equal(ReadOutcome.Shared, Render("cpuinfo", thread: 11));
    }

    [Fact]
    public void A_reader_that_cannot_be_looked_at_is_counted_by_why()
    {
        Render("meminfo", thread: 4711);
        Render("meminfo", thread: 0);
        Assert.Equal((1, 1), (Count(StatsEvent.CallerGone), Count(StatsEvent.CallerInvisible)));
    }

    [Fact]
    public void A_number_that_nobody_has_is_a_fallback()
    {
        Render("meminfo", 99);
        Assert.Equal((1, 0), (Count(StatsEvent.NumberUnknown), Count(StatsEvent.ContainerEnded)));
    }

    [Fact]
    public void A_container_that_has_ended_is_a_fallback()
    {
        Register(startTime: 5);
        Render("meminfo", Number);
        Assert.Equal((0, 1), (Count(StatsEvent.NumberUnknown), Count(StatsEvent.ContainerEnded)));
    }

    [Fact]
    public void A_text_made_before_its_reader_asks_is_counted_as_such_and_then_used()
    {
        Register(startTime: 100000);
        _renderer.Expect(ProcFiles.Find("meminfo")!, Number);
        _renderer.DoMore();
        Assert.Equal(1, Count(StatsEvent.MadeAhead));
        Assert.Equal(ReadOutcome.Reused, Render("meminfo", Number));
        _renderer.Expect(ProcFiles.Find("meminfo")!, Number);
        _renderer.DoMore(); // there is one, so none is made
        Assert.Equal(1, Count(StatsEvent.MadeAhead));
    }

    [Fact]
    public void A_cgroup_that_is_gone_is_counted_and_looked_for_once_more()
    {
        _host.Remove("/c");
        Render("meminfo");
        Assert.Equal(1, Count(StatsEvent.CgroupVanished));
    }

    private ReadOutcome Render(string file, ulong container = 0, uint thread = Thread)
    {
        _output.Clear();
        _renderer.Render(ProcFiles.Find(file)!, container, thread, _output);
        return _renderer.LastOutcome;
    }

    private void Register(ulong startTime) => _views.Registered.Add(new RegisteredContainer(Number, new RegistrationKey("box", Thread, startTime), _ => null));

    private long Count(StatsEvent what)
    {
        StatsSnapshot counts = new();
        counts.Load(_file.Bytes);
        return counts.Of(what);
    }

    private void AssertNothingCounted() => Assert.All(Enum.GetValues<StatsEvent>(), what => Assert.Equal(0, Count(what)));

    /// <summary>Time stands still, so that a text is always fresh.</summary>
    private sealed class Standing : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => 1100_000_000_000;
    }
}
