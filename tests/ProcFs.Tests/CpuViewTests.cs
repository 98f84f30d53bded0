using ProcFs.Cgroups;
using ProcFs.Containers;

namespace ProcFs.Tests;

/// <summary>A view of the CPUs is made once, and made anew when something it is made from has changed.</summary>
public sealed class CpuViewTests
{
    private static readonly CpuSet Four = CpuSet.FirstOf(4);
    private static readonly CpuSet Two = CpuSet.FirstOf(2);
    private static readonly CpuQuota Quota = new(150_000, 100_000);

    [Fact]
    public void Workers_that_read_the_same_sets_by_themselves_share_one_view()
    {
        _ = CpuSet.TryParse("0-3", out CpuSet once);
        _ = CpuSet.TryParse("0-3", out CpuSet again);
        Assert.NotSame(once, again);
        CpuView first = CpuView.Of(Two, Quota, once, default, last: null);
        Assert.Same(first, CpuView.Of(Two, Quota, again, default, last: first));
    }

    [Fact]
    public void The_same_limits_give_the_same_object()
    {
        CpuView first = CpuView.Of(Two, Quota, Four, default, last: null);
        Assert.Same(first, CpuView.Of(Two, new CpuQuota(150_000, 100_000), Four, default, last: first));
        Assert.NotSame(first, CpuView.Of(Two, Quota, Four, default, last: null));
    }

    [Fact]
    public void Anything_else_gives_another_with_its_own_numbers()
    {
        CpuView first = CpuView.Of(Four, new CpuQuota(100_000, 100_000), Four, default, last: null);
        Assert.Equal((1, 1.0), Numbers(first));
        Assert.Equal((2, 1.5), Numbers(CpuView.Of(Four, Quota, Four, default, last: first)));
        Assert.Equal((4, 4.0), Numbers(CpuView.Of(Four, null, Four, default, last: first)));
        Assert.Equal((4, 1.0), Numbers(CpuView.Of(Four, new CpuQuota(100_000, 100_000), Four, new CpuPolicy(CpuPolicyKind.Cpuset), last: first)));

        CpuView two = CpuView.Of(null, null, Two, default, last: first);
        Assert.Equal((2, 2.0), Numbers(two));
        Assert.Equal((4, 4.0), Numbers(CpuView.Of(null, null, Four, default, last: two)));
        Assert.Equal((1, 1.0), Numbers(CpuView.Of(CpuSet.FirstOf(1), null, Two, default, last: two)));
    }

    [Fact]
    public void All_shows_the_hosts_CPUs_and_gives_no_more_time_than_the_limits()
    {
        CpuView view = CpuView.Of(Two, Quota, Four, new CpuPolicy(CpuPolicyKind.All), last: null);
        Assert.Equal((4, 1.5, 4, false), (view.Count, Numbers(view).Item2, view.Available.Count, view.IsWholeHost));
        view = CpuView.Of(Two, null, Four, new CpuPolicy(CpuPolicyKind.All), last: view);
        Assert.Equal((4, 2.0, 4, false), (view.Count, Numbers(view).Item2, view.Available.Count, view.IsWholeHost));
        Assert.True(CpuView.Of(null, null, Four, new CpuPolicy(CpuPolicyKind.All), last: view).IsWholeHost);
    }

    [Theory]
    [InlineData(1, 1, 1.0, 2)]
    [InlineData(2, 2, 1.5, 2)]
    [InlineData(3, 3, 1.5, 4)]
    [InlineData(4, 4, 1.5, 4)]
    [InlineData(64, 4, 1.5, 4)]
    public void A_chosen_number_is_shown_up_to_those_of_the_host(int chosen, int count, double capacity, int available)
    {
        CpuView view = CpuView.Of(Two, Quota, Four, new CpuPolicy(CpuPolicyKind.Fixed, chosen), last: null);
        Assert.Equal((count, capacity, available, false), (view.Count, Numbers(view).Item2, view.Available.Count, view.IsWholeHost));
    }

    [Theory]
    [InlineData("quota", CpuPolicyKind.Quota, 0)]
    [InlineData("cpuset", CpuPolicyKind.Cpuset, 0)]
    [InlineData("all", CpuPolicyKind.All, 0)]
    [InlineData("12", CpuPolicyKind.Fixed, 12)]
    public void A_policy_is_read_from_text(string text, object kind, int count) => Assert.Equal(new CpuPolicy((CpuPolicyKind)kind, count), CpuPolicy.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Quota")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("8193")]
    [InlineData("1.5")]
    [InlineData(" 2")]
    public void Any_other_text_is_none(string? text) => Assert.Null(CpuPolicy.Parse(text));

    [Theory]
    [InlineData(1L, 1_000_000L, 1)]
    [InlineData(long.MaxValue, 1L, 4)]
    [InlineData(400_000L, 100_000L, 4)]
    [InlineData(300_001L, 100_000L, 4)]
    [InlineData(300_000L, 100_000L, 3)]
    public void A_quota_is_rounded_up_and_kept_between_one_and_all(long quota, long period, int count)
    {
        CpuView view = CpuView.Of(null, new CpuQuota(quota, period), Four, default, last: null);
        Assert.Equal(count, view.Count);
        Assert.InRange((Int128)view.CapacityNumerator, 1, (Int128)count * view.CapacityDenominator);
        Assert.False(view.IsWholeHost);
    }

    [Fact]
    public void A_container_keeps_its_view_from_read_to_read_and_from_worker_to_worker()
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"));
        using Daemonless daemon = new(host);
        Daemonless.Worker worker = daemon.NewWorker();
        worker.Show("cpu/online");
        Container container = daemon.Table.GetOrAdd(CgroupPaths.Same(daemon.Tree.Layout, "/c"), null, _ => null);
        CpuView? first = container.CpuView;
        Assert.NotNull(first);

        daemon.Clock.NowNs += 5 * TestClock.Second;
        worker.Show("cpuinfo");
        Assert.Same(first, container.CpuView);

        // The host's list is written in another way, and means the same.
        host.Write("sys/devices/system/cpu/online", "0,1-3\n");
        daemon.Clock.NowNs += 5 * TestClock.Second;
        worker.Show("cpuinfo");
        Assert.Same(first, container.CpuView);

        host.Cgroup("/c", ("cpu.max", "300000 100000"));
        Assert.Equal("0-2\n", worker.Show("cpu/online"));
        Assert.NotSame(first, container.CpuView);
    }

    private static (int Count, double Capacity) Numbers(CpuView view) => (view.Count, (double)view.CapacityNumerator / view.CapacityDenominator);
}
