using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>Who samples load averages, when, and at what cost at most.</summary>
public sealed class LoadSamplerTests : IDisposable
{
    private const long Second = TestClock.Second;
    private const long Slot = Second / 4;

    private readonly HostTree _host = HostTree.V2();
    private readonly Daemonless _daemon;
    private readonly LoadSampler _sampler;
    private readonly List<Container> _counted = [];
    private int _threads = 1;
    private long _takesNs;

    public LoadSamplerTests()
    {
        _daemon = new Daemonless(_host);
        _sampler = new LoadSampler(Count, Clock);
    }

    private TestClock Clock => _daemon.Clock;

    public void Dispose()
    {
        _daemon.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Nobody_is_sampled_and_nothing_wakes_up_while_nobody_asks()
    {
        Assert.Null(_sampler.RunDue());
        Assert.Empty(_counted);
    }

    [Fact]
    public void Whoever_was_asked_for_is_sampled_every_five_seconds()
    {
        Container container = NewContainer();
        LoadAverage expected = container.Load.Read(Clock.NowNs, 1);
        Assert.True(_sampler.Want(container, Clock.NowNs));
        for (int i = 0; i < 50; i++)
        {
            expected = expected.Next(1);
            long next = _sampler.RunDue()!.Value;
            Assert.InRange(next - Clock.NowNs, 5 * Second - Slot, (5 * Second) + Slot);
            Clock.NowNs = next;
            _sampler.RunDue();
            Assert.Equal(expected, container.Load.Read(Clock.NowNs, 0));
        }

        Assert.Equal(50, _counted.Count);
    }

    [Fact]
    public void Five_minutes_after_the_last_read_it_is_over()
    {
        Container container = NewContainer();
        _sampler.Want(container, Clock.NowNs);
        long asked = Clock.NowNs;
        Assert.InRange((RunUntilNothingIsLeft() - asked) / Second, 300, 306);
        Assert.InRange(_counted.Count, 60, 61);
        Assert.True(_sampler.Want(container, Clock.NowNs));
        Assert.Equal(1, _sampler.Count);
    }

    [Fact]
    public void A_read_meanwhile_keeps_it_going()
    {
        Container container = NewContainer();
        _sampler.Want(container, Clock.NowNs);
        Clock.NowNs += 290 * Second;
        Assert.False(_sampler.Want(container, Clock.NowNs));
        long asked = Clock.NowNs;
        Assert.InRange((RunUntilNothingIsLeft() - asked) / Second, 300, 306);
    }

    [Fact]
    public void A_container_without_threads_is_gone_and_dropped()
    {
        _sampler.Want(NewContainer(), Clock.NowNs);
        _threads = 0;
        Clock.NowNs = _sampler.RunDue()!.Value;
        Assert.Null(_sampler.RunDue());
        Assert.Equal(0, _sampler.Count);
    }

    [Fact]
    public void A_thousand_that_were_asked_for_at_once_are_spread_over_the_five_seconds()
    {
        for (int i = 0; i < 1000; i++)
        {
            _sampler.Want(NewContainer(), Clock.NowNs);
        }

        Assert.Equal(1000, _sampler.Count);
        HashSet<Container> seen = [];
        for (int wakes = 0; wakes < 20; wakes++)
        {
            Clock.NowNs = _sampler.RunDue()!.Value;
            _counted.Clear();
            _sampler.RunDue();
            Assert.InRange(_counted.Count, 50, 51);
            seen.UnionWith(_counted);
        }

        Assert.InRange(seen.Count, 999, 1000);
    }

    /// <summary>Each count takes 10 ms of the clock: 1000 of them are 10 s of work for each 5 s.</summary>
    [Fact]
    public void It_never_takes_more_than_a_tenth_of_a_CPU_and_comes_to_everybody()
    {
        _takesNs = Second / 100;
        for (int i = 0; i < 1000; i++)
        {
            _sampler.Want(NewContainer(), Clock.NowNs);
        }

        long began = Clock.NowNs + (6 * Second);
        Clock.NowNs = began;
        long worked = 0;
        while (Clock.NowNs < began + (200 * Second))
        {
            long before = Clock.NowNs;
            long next = _sampler.RunDue()!.Value;
            worked += Clock.NowNs - before;
            Clock.NowNs = next;
        }

        Assert.InRange((double)worked / (Clock.NowNs - began), 0.09, 0.101);
        Assert.Equal(1000, _counted.Distinct().Count());
        Assert.All(_counted.GroupBy(container => container), times => Assert.InRange(times.Count(), 1, 3));
    }

    [Fact]
    public void Waiting_costs_no_memory()
    {
        Container container = NewContainer();
        _sampler.Want(container, Clock.NowNs);
        _counted.Capacity = 20_000;
        Wait();
        Allocated.AssertNone(Wait);

        void Wait()
        {
            for (int i = 0; i < 1000; i++)
            {
                _sampler.Want(container, Clock.NowNs);
                Clock.NowNs = _sampler.RunDue() ?? 0;
            }
        }
    }

    private long RunUntilNothingIsLeft()
    {
        while (_sampler.RunDue() is { } next)
        {
            Clock.NowNs = next;
        }

        return Clock.NowNs;
    }

    private Container NewContainer() => new(_daemon.Tree.Open(CgroupPaths.None(_daemon.Tree.Layout)), null, null);

    private ThreadCounts Count(Container container)
    {
        _counted.Add(container);
        Clock.NowNs += _takesNs;
        return new ThreadCounts(_threads, 0, _threads, 1);
    }
}
