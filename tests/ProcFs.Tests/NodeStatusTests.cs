using ProcFs.Metrics;
using ProcFs.Node;
using ProcFs.Status;

namespace ProcFs.Tests;

/// <summary>What the probe of a pod says: a rollout goes on when it says yes.</summary>
public sealed class NodeStatusTests : IDisposable
{
    private const int Pid = 4711; // of FakeNode's server

    private readonly FakeNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_node_that_serves_this_very_program_is_served()
    {
        string version = _node.Install("1.0.0");
        string text = Describe("1.0.0", HealthState.Served, out bool isServed);
        Assert.True(isServed);
        Assert.StartsWith($"installed: {version}\nserving: {version}, process {Pid}\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1.0", nameof(HealthState.Served))] // the pod's own is not installed yet
    [InlineData("1.0.0", nameof(HealthState.Stopped))]
    [InlineData("1.0.0", nameof(HealthState.Hangs))]
    [InlineData("1.0.0", nameof(HealthState.Starting))]
    [InlineData("1.0.0", nameof(HealthState.Unmounted))]
    public void One_that_does_not_is_not(string own, string state)
    {
        _node.Install("1.0.0");
        _ = Describe(own, Enum.Parse<HealthState>(state), out bool isServed);
        Assert.False(isServed);
    }

    [Fact]
    public void Another_program_that_serves_is_named()
    {
        _node.Install("1.0.0");
        Assert.Contains("which is not the program that asks", Describe("1.0.0 of somebody else", HealthState.Served, out _), StringComparison.Ordinal);
    }

    private string Describe(string ownVersion, HealthState state, out bool isServed)
    {
        _node.Write("/pod/procfs", System.Text.Encoding.UTF8.GetString(FakeNode.Program(ownVersion)));
        DaemonState daemon = new(Pid, TimeSpan.FromSeconds(40), null);
        return new NodeStatus(_node.Places, _node.Installer())
        {
            OwnProgram = _node.Places.On("/pod/procfs"),
            Health = () => new MountHealth("/var/lib/procfs", state, daemon, null),
        }.Describe(out isServed);
    }
}
