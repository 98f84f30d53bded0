using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>What a pod mends after the installation, and what it leaves to others.</summary>
public sealed class NodeWatchTests : IDisposable
{
    private readonly FakeNode _node = new();
    private readonly TestClock _clock = new();
    private readonly NodeWatch _watch;
    private int _installations;

    public NodeWatchTests()
    {
        string version = _node.Install("1.0.0");
        _node.Calls.Clear();
        _node.Log.Clear();
        _watch = new NodeWatch(_node.Installer(), version, () => _installations++, pods: null, _clock, _node);
    }

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_node_that_is_served_is_left_alone()
    {
        Look(seconds: 55);
        Assert.Empty(_node.Calls);
        Assert.Equal(0, _installations);
    }

    [Fact]
    public void The_service_is_started_when_nobody_has_served_for_a_while()
    {
        _node.Kill();
        Look(seconds: 15);
        Assert.Empty(_node.Calls); // a restart by systemd is faster

        Look(seconds: 5);

        Assert.Equal(["start procfs.service"], _node.Calls);
        Look(seconds: 35);
        Assert.Single(_node.Calls);
    }

    [Fact]
    public void The_installation_is_made_whole_every_minute()
    {
        Look(seconds: 200);
        Assert.Equal(3, _installations);
    }

    [Fact]
    public void A_pod_whose_version_was_replaced_mends_nothing_and_says_so_once()
    {
        _node.Install("1.1.0");
        _node.Calls.Clear();
        _node.Log.Clear();
        _node.Kill();

        Look(seconds: 120);

        Assert.Empty(_node.Calls);
        Assert.Equal(0, _installations);
        Assert.EndsWith("this pod does nothing more", Assert.Single(_node.Log), StringComparison.Ordinal);
    }

    private void Look(int seconds)
    {
        for (int i = 0; i < seconds; i += 5)
        {
            _clock.NowNs += 5 * TestClock.Second;
            _watch.Look();
        }
    }
}
