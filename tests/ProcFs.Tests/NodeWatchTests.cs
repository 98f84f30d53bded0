using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>What a pod mends after the installation, and what it leaves to others.</summary>
public sealed class NodeWatchTests : IDisposable
{
    private readonly FakeNode _node = new();
    private readonly TestClock _clock = new();
    private readonly NodeWatch _watch;
    private int _installations;
    private Failure? _trouble;

    public NodeWatchTests()
    {
        string version = _node.Install("1.0.0");
        _node.Calls.Clear();
        _node.Log.Clear();
        _watch = new NodeWatch(_node.Installer(), version, Install, pods: null, _clock, _node);
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

    [Fact]
    public void An_installation_that_fails_again_and_again_is_told_once_and_its_end()
    {
        _trouble = new Failure(ExitCode.Failed, "containerd cannot be restarted");
        Look(seconds: 200);
        Assert.Equal(3, _installations);
        Assert.Equal(["containerd cannot be restarted; it is tried again"], _node.Log);

        _trouble = null;
        Look(seconds: 100);

        Assert.Equal(["containerd cannot be restarted; it is tried again", "the installation goes well again"], _node.Log);
    }

    [Fact]
    public void A_start_that_fails_is_told_once_and_its_end_also_when_somebody_else_starts_it()
    {
        _node.Kill();
        _node.Refuses = "start procfs.service";
        Look(seconds: 100);
        Assert.Equal(5, _node.Calls.Count);
        Assert.Equal(2, _node.Log.Count);
        Assert.StartsWith("nobody has served this node for 20 s", _node.Log[0], StringComparison.Ordinal);
        Assert.Equal("start procfs.service: refused; it is tried again", _node.Log[1]);

        _node.Resume();
        Look(seconds: 10);

        Assert.Equal("the start of the service goes well again", _node.Log[2]);
    }

    [Fact]
    public void Neither_failure_keeps_the_other_from_being_mended()
    {
        _trouble = new Failure(ExitCode.Failed, "containerd cannot be restarted");
        _node.Kill();
        _node.Refuses = "start procfs.service";
        Look(seconds: 200);
        Assert.Equal(3, _installations);
        Assert.Equal(3, _node.Log.Count);
        _node.Refuses = null;
        Look(seconds: 25);
        Assert.Equal("the start of the service goes well again", _node.Log[^1]);
    }

    [Fact]
    public void A_daemon_that_has_the_lock_and_does_not_serve_is_nobody_who_serves()
    {
        _node.Hanging = _node.Store.Current;
        _node.Resume();
        Look(seconds: 20);
        Assert.Equal(["start procfs.service"], _node.Calls);
    }

    private void Install()
    {
        _installations++;
        if (_trouble is not null)
        {
            throw _trouble;
        }
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
