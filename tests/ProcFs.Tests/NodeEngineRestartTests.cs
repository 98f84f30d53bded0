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

    [Fact]
    public void One_that_ends_again_and_again_is_told_and_not_restarted_by_us_as_well()
    {
        int looks = 0;
        _node.State = _ => new UnitState("activating", HasJob: false, IsRestarting: looks++ % 2 == 0);
        Failure failure = Assert.Throws<Failure>(() => _pending.Do(Act, wouldChange: true, () => { }, () => Restart(TimeSpan.FromMinutes(2)).Run()));
        Assert.StartsWith("k3s was restarted, and ends again and again ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(7, looks); // what was seen first may be from before
        Assert.Throws<Failure>(() => _pending.Do(Act, wouldChange: false, () => { }, () => Restart(TimeSpan.FromMinutes(2)).Run()));
        Assert.Equal(8, looks); // nobody waits for it again
        _node.State = _ => null;
        _pending.Do(Act, wouldChange: false, () => { }, () => Assert.True(Restart().Run()));
        Assert.Equal(["restart k3s"], _node.Calls);
        Assert.False(_pending.IsAsked(Act));
    }

    [Fact]
    public void What_was_begun_for_one_change_is_done_again_for_the_next()
    {
        _pending.AskForItsEnd(Act);
        _pending.Do(Act, wouldChange: true, () => { }, () => Assert.True(Restart().Run()));
        Assert.Equal(["restart k3s"], _node.Calls);
    }

    [Fact]
    public void One_that_ended_once_is_left_to_systemd()
    {
        int looks = 0;
        _node.State = _ => ++looks is 2 ? new UnitState("activating", HasJob: false, IsRestarting: true) : looks < 5 ? new UnitState("activating", HasJob: false) : null;
        _pending.Do(Act, wouldChange: true, () => { }, () => Assert.True(Restart(TimeSpan.FromMinutes(2)).Run()));
        Assert.False(_pending.IsAsked(Act));
    }

    [Fact]
    public void One_that_has_failed_is_restarted_by_the_next_pass()
    {
        _node.State = _ => new UnitState("failed", HasJob: false);
        Failure failure = Assert.Throws<Failure>(() => _pending.Do(Act, wouldChange: true, () => { }, () => Restart().Run()));
        Assert.StartsWith("k3s was restarted, and is failed now ", failure.Message, StringComparison.Ordinal);
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

    private EngineRestart Restart(TimeSpan within = default) => new(_pending, Act, _node, "k3s", _node) { Within = within };
}
