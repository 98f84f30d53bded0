using System.Diagnostics;
using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>When a version gives way to the one before, and when it does not.</summary>
public sealed class NodeTrialTests : IDisposable
{
    private const string Restart = "restart procfs.service";
    private const string Settings = "/etc/procfs/procfs.json";
    private const string Failed = "/run/procfs/node.failed";

    private readonly FakeNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_version_that_hangs_at_its_start_gives_way_though_it_has_the_lock()
    {
        string first = _node.Install("1.0.0");
        _node.Hanging = _node.Store.Put(FakeNode.Program("1.1.0"), out _);

        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.1.0"));

        Assert.StartsWith($"version {_node.Hanging} does not start: restart procfs.service: a timeout was exceeded", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith($"{first}, the version before, serves again", failure.Message, StringComparison.Ordinal);
        Assert.Equal((first, first), (_node.Store.Current, _node.Serving));
        Assert.Equal([Restart, Restart], _node.Calls);
        Assert.DoesNotContain(_node.Log, line => line.StartsWith($"version {_node.Hanging} serves", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1.0.0")]
    [InlineData(null)]
    public void A_boot_in_the_middle_of_a_trial_does_not_end_it(string? before)
    {
        string? first = before is null ? null : _node.Install(before);
        string next = _node.Broken = _node.Store.Put(FakeNode.Program("1.1.0"), out _);
        _node.PowerFails = true;
        Assert.Throws<PowerFailure>(() => _node.Install("1.1.0"));
        Assert.Equal(next, _node.Store.Current);
        _node.Boot();

        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.1.0"));

        Assert.StartsWith($"version {next} does not serve", failure.Message, StringComparison.Ordinal);
        Assert.Equal((first ?? next, first), (_node.Store.Current, _node.Serving));
        _node.Broken = null;
        Assert.Equal("1.2.0", _node.Install("1.2.0").Split('-')[0]);
        Assert.False(File.Exists(_node.Store.TrialFile));
    }

    [Fact]
    public void Nobody_waits_for_a_service_that_has_failed_for_good()
    {
        // Without /dev/fuse it ends with a code after which systemd does not start it again.
        _node.Broken = _node.Store.Put(FakeNode.Program("1.0.0"), out _);
        _node.Patience = TimeSpan.FromMinutes(5);
        Stopwatch time = Stopwatch.StartNew();
        Assert.Throws<Failure>(() => _node.Install("1.0.0"));
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void A_version_that_ends_again_and_again_gives_way_though_each_of_its_processes_serves()
    {
        string first = _node.Install("1.0.0");
        _node.Restless = _node.Store.Put(FakeNode.Program("1.1.0"), out _);
        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.1.0"));
        Assert.StartsWith($"version {_node.Restless} does not serve", failure.Message, StringComparison.Ordinal);
        Assert.Equal((first, first), (_node.Store.Current, _node.Serving));
    }

    [Fact]
    public void A_daemon_that_never_says_that_it_is_ready_does_not_serve()
    {
        // As one that hangs between its mount and its word to systemd: killed, and started again.
        string version = Upgraded();
        _node.FailsToStart = version;
        _node.State = unit => unit == NodeService.Unit ? new UnitState("activating", HasJob: false) : null;
        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.1.0", """{ "workers": 2 }"""));
        Assert.StartsWith($"version {version} does not start", failure.Message, StringComparison.Ordinal);
        _node.State = _ => null;
        Assert.Equal(version, _node.Install("1.1.0", """{ "workers": 2 }""")); // systemd's second start was well
        Assert.Equal([Restart], _node.Calls);
    }

    [Theory]
    [InlineData("""{ "workers": 2 }""")]
    [InlineData(null)]
    public void The_version_before_has_the_settings_of_before(string? before)
    {
        string first = _node.Install("1.0.0", before);
        string? settings = _node.Read(Settings);
        _node.Broken = _node.Store.Put(FakeNode.Program("1.1.0"), out _);

        Assert.Throws<Failure>(() => _node.Install("1.1.0", """{ "workers": 3 }"""));

        Assert.Equal(first, _node.Serving);
        Assert.Equal(settings, _node.Read(Settings));
        _node.Install("1.0.0", before);
        Assert.Empty(_node.Calls); // nothing is owed
    }

    [Fact]
    public void Settings_of_the_nodes_administrator_stay_at_a_fall_back()
    {
        _node.Write(Settings, "{}");
        _node.Install("1.0.0");
        _node.Broken = _node.Store.Put(FakeNode.Program("1.1.0"), out _);
        Assert.Throws<Failure>(() => _node.Install("1.1.0", """{ "workers": 3 }"""));
        Assert.Equal("{}", _node.Read(Settings));
    }

    [Fact]
    public void A_restart_for_new_settings_that_was_refused_is_no_reason_to_go_back()
    {
        string version = Upgraded();
        _node.Refuses = Restart;

        Assert.Throws<Failure>(() => _node.Install("1.1.0", """{ "workers": 3 }"""));

        Assert.Equal((version, version), (_node.Store.Current, _node.Serving));
        Assert.Null(_node.Read(Failed));
        _node.Refuses = null;
        Assert.Equal(version, _node.Install("1.1.0", """{ "workers": 3 }"""));
        Assert.Equal([Restart], _node.Calls);
    }

    [Fact]
    public void A_version_that_has_served_before_is_started_again_whatever_became_of_it()
    {
        string version = Upgraded();
        _node.Kill();
        _node.Refuses = Restart;

        Assert.Throws<Failure>(() => _node.Install("1.1.0"));

        Assert.Equal(version, _node.Store.Current);
        Assert.Null(_node.Read(Failed));
        _node.Refuses = null;
        _node.Install("1.1.0");
        Assert.Equal(version, _node.Serving);
    }

    [Fact]
    public void A_version_that_gave_way_is_never_gone_back_to()
    {
        string first = _node.Install("1.0.0");
        _node.Broken = _node.Store.Put(FakeNode.Program("1.1.0"), out _);
        Assert.Throws<Failure>(() => _node.Install("1.1.0"));
        Assert.Equal(_node.Broken, _node.Store.Previous);
        _node.Kill();
        _node.Refuses = Restart;

        Assert.Throws<Failure>(() => _node.Install("1.0.0"));

        Assert.Equal(first, _node.Store.Current);
        _node.Refuses = null;
        _node.Install("1.0.0");
        Assert.Equal(first, _node.Serving);
    }

    [Fact]
    public void An_upgrade_whose_restart_was_refused_is_tried_again_while_the_old_one_serves_on()
    {
        string first = _node.Install("1.0.0");
        _node.Refuses = Restart;
        Assert.Throws<Failure>(() => _node.Install("1.1.0"));
        Assert.Equal(first, _node.Serving);
        Assert.Null(_node.Read(Failed));
        _node.Refuses = null;

        string second = _node.Install("1.1.0");

        Assert.Equal((second, first), (_node.Serving, _node.Store.Previous));
    }

    [Fact]
    public void A_pod_that_ended_during_a_trial_leaves_it_to_the_next_one()
    {
        string first = _node.Install("1.0.0", """{ "workers": 2 }""");
        string? settings = _node.Read(Settings);
        string second = _node.Store.Put(FakeNode.Program("1.1.0"), out _);
        _node.Refuses = Restart;
        Assert.Throws<Failure>(() => _node.Install("1.1.0")); // as if it had ended here
        _node.Refuses = null;
        _node.Hanging = second;

        Assert.EndsWith($"{first}, the version before, serves again", Assert.Throws<Failure>(() => _node.Install("1.1.0")).Message, StringComparison.Ordinal);

        Assert.Equal((first, settings), (_node.Serving, _node.Read(Settings)));
    }

    [Fact]
    public void One_after_another_that_fails_goes_back_to_the_one_that_served()
    {
        string first = _node.Install("1.0.0");
        _node.Refuses = Restart;
        Assert.Throws<Failure>(() => _node.Install("1.1.0"));
        _node.Refuses = null;
        _node.Broken = _node.Store.Put(FakeNode.Program("1.2.0"), out _);
        Assert.EndsWith($"{first}, the version before, serves again", Assert.Throws<Failure>(() => _node.Install("1.2.0")).Message, StringComparison.Ordinal);
        Assert.Equal(first, _node.Serving);
    }

    [Fact]
    public void Where_the_version_before_does_not_serve_either_it_is_not_the_version()
    {
        string first = _node.Install("1.0.0");
        _node.Hanging = _node.Store.Put(FakeNode.Program("1.1.0"), out _);
        _node.Broken = first;

        Assert.Contains($"nor does {first}, the version before", Assert.Throws<Failure>(() => _node.Install("1.1.0")).Message, StringComparison.Ordinal);

        Assert.Null(_node.Read(Failed));
        _node.Hanging = null;
        string second = _node.Install("1.1.0");
        Assert.Equal(second, _node.Serving);
    }

    [Fact]
    public void What_systemd_is_just_starting_is_waited_for_and_not_started_again()
    {
        string version = _node.Install("1.0.0");
        _node.Kill();
        int asked = 0;
        _node.State = unit =>
        {
            if (asked++ > 0)
            {
                return null; // it has started
            }

            _node.Resume(); // systemd's own restart
            return new UnitState("activating", HasJob: true);
        };

        _node.Install("1.0.0");

        Assert.Equal(2, asked);
        Assert.Empty(_node.Calls);
        Assert.Equal(version, _node.Serving);
    }

    [Fact]
    public void A_start_that_a_pod_did_not_live_to_see_has_the_time_that_systemd_gives_it()
    {
        string first = _node.Install("1.0.0");
        _node.Refuses = Restart;
        Assert.Throws<Failure>(() => _node.Install("1.1.0")); // as if the pod had ended here
        _node.Refuses = null;
        string second = _node.Store.Current!;
        _node.Resume(); // and the restart was on its way
        _node.State = unit => new UnitState("activating", HasJob: false);
        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.1.0"));
        Assert.Contains($"version {second} does not serve", failure.Message, StringComparison.Ordinal); // never ready
        Assert.Equal(first, _node.Store.Current);
    }

    [Fact]
    public void A_daemon_whose_mount_point_was_taken_from_it_is_left_running_and_the_rest_is_done()
    {
        string version = _node.Install("1.0.0");
        _node.IsHidden = true;
        NodeInstaller installer = _node.Installer();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(version, installer.Install(FakeNode.Program("1.0.0"), null));
        }

        Assert.Empty(_node.Calls.Where(call => call == Restart).Skip(1)); // the first installation's
        Assert.Single(_node.Log, line => line.StartsWith($"version {version} runs, and is left as it is: /var/lib/procfs: what process", StringComparison.Ordinal));
        _node.IsHidden = false;
        installer.Install(FakeNode.Program("1.0.0"), null);
        _node.IsHidden = true;
        installer.Install(FakeNode.Program("1.0.0"), null);
        Assert.Equal(1, _node.Log.Count(line => line.Contains("is left as it is", StringComparison.Ordinal))); // one process, who was seen to serve: cheap
    }

    [Fact]
    public void A_service_of_which_systemd_says_nothing_is_started()
    {
        string version = _node.Install("1.0.0");
        _node.Kill();
        _node.State = _ => UnitState.Parse("");
        _node.Install("1.0.0");
        Assert.Equal([Restart], _node.Calls);
        Assert.Equal(version, _node.Serving);
    }

    [Theory]
    [InlineData("ActiveState=active", true, false)]
    [InlineData("Job=4711\nActiveState=active", false, false)]
    [InlineData("ActiveState=active\nJob=0", true, false)]
    [InlineData("ActiveState=active\nJob=", true, false)]
    [InlineData("ActiveState=activating", false, false)]
    [InlineData("ActiveState=activating\nSubState=auto-restart", false, false)]
    [InlineData("ActiveState=activating\nSubState=auto-restart-queued", false, false)] // systemd 254
    [InlineData("ActiveState=failed\n", false, true)]
    [InlineData("ActiveState=inactive\nJob=12", false, false)]
    [InlineData("", false, false)]
    public void A_unit_with_a_job_is_neither_up_nor_down(string text, bool isUp, bool isDown)
    {
        UnitState state = UnitState.Parse(text);
        Assert.Equal((isUp, isDown), (state.IsUp, state.IsDown));
        Assert.Equal(text.Contains("auto-restart", StringComparison.Ordinal), state.IsRestarting);
    }

    /// <summary>Has a version that has served, and one before it.</summary>
    private string Upgraded()
    {
        _node.Install("1.0.0");
        return _node.Install("1.1.0");
    }
}
