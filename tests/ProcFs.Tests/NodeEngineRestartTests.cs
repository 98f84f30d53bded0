using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>An engine is told once to restart, however long that takes.</summary>
public sealed class NodeEngineRestartTests : IDisposable
{
    private const string Act = "restart-engine";

    private readonly FakeNode _node = new();
    private readonly PendingActs _pending;

    public NodeEngineRestartTests() => _pending = new PendingActs(_node.Places);

    public void Dispose() => _node.Dispose();

    [Fact]
    public void One_that_is_ready_is_no_longer_owed()
    {
        _pending.Ask(Act);
        Assert.True(Restart().Run());
        Assert.Equal(["restart k3s"], _node.Calls);
        Assert.False(_pending.IsAsked(Act));
    }

    [Theory]
    [InlineData("activating", false)] // it has not said that it is ready
    [InlineData("active", true)] // not stopped yet
    [InlineData("", false)] // systemctl did not answer
    public void One_that_takes_its_time_is_left_to_systemd_and_not_restarted_again(string active, bool hasJob)
    {
        _node.State = _ => new UnitState(active, hasJob);
        bool changes = true;
        for (int pass = 0; pass < 2; pass++)
        {
            _pending.Do(Act, changes, () => { }, () => Assert.False(Restart().Run()));
            changes = false;
        }

        Assert.Equal(["restart k3s"], _node.Calls);
        Assert.StartsWith("k3s was told to restart, and is not ready", Assert.Single(_node.Log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_ends_while_it_waits_leaves_nothing_to_be_done_again()
    {
        _pending.Ask(Act);
        _node.State = _ => _pending.IsAsked(Act) ? throw new Failure(ExitCode.Failed, "asked for still") : new UnitState("active", HasJob: false);
        Assert.True(Restart().Run());
    }

    [Theory]
    [InlineData("failed", false, "is failed now")]
    [InlineData("activating", true, "ends again and again")] // it refuses what was written, and systemd starts it again and again
    public void One_that_has_failed_is_restarted_by_the_next_pass(string active, bool isRestarting, string how)
    {
        _node.State = _ => new UnitState(active, HasJob: false, isRestarting);
        Failure failure = Assert.Throws<Failure>(() => _pending.Do(Act, wouldChange: true, () => { }, () => Restart().Run()));
        Assert.StartsWith($"k3s was restarted, and {how} ", failure.Message, StringComparison.Ordinal);
        _node.State = _ => null;
        _pending.Do(Act, wouldChange: false, () => { }, () => Assert.True(Restart().Run()));
        Assert.Equal(["restart k3s", "restart k3s"], _node.Calls);
    }

    [Fact]
    public void An_installation_goes_on_while_an_engine_takes_its_time()
    {
        _node.Write("/etc/crio/crio.conf", "");
        int looks = 0;
        _node.State = unit => unit == "crio" ? new UnitState(++looks > 1 ? "active" : "activating", HasJob: looks < 2) : null;
        _node.Install("1.0.0");
        Assert.Equal("restart crio", _node.Calls[^1]);
        Assert.Equal(2, looks);
        Assert.StartsWith("restarted crio", _node.Log[^1], StringComparison.Ordinal);
    }

    private EngineRestart Restart() => new(_pending, Act, _node, "k3s", _node) { Within = TimeSpan.Zero };
}
