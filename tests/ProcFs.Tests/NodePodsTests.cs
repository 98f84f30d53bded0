using System.Globalization;
using ProcFs.Hook;
using ProcFs.Hook.Registration;
using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>Which running containers are shown to the hook, and how often. The hook is a script that notes what it is told; the containers' process is this one.</summary>
public sealed class NodePodsTests : IDisposable
{
    private const string Containerd = "/run/containerd/io.containerd.runtime.v2.task/k8s.io";
    private const string CrioType = "io.kubernetes.cri-o.ContainerType";

    private readonly FakeNode _node = new();

    public NodePodsTests() => Hook("exit 0");

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(PodContainers.CrioState, CrioType, "container", true)]
    [InlineData(PodContainers.CrioState, CrioType, "sandbox", false)]
    [InlineData(PodContainers.CrioState, "io.podman.annotations.autoremove", "FALSE", false)] // root's podman shares the place
    [InlineData(PodContainers.CrioState, null, null, false)]
    [InlineData(Containerd, "io.kubernetes.cri.container-type", "container", true)]
    [InlineData(Containerd, "io.kubernetes.cri.container-type", "sandbox", false)]
    [InlineData(Containerd, null, null, true)]
    public void Only_containers_of_pods_are_shown(string state, string? annotation, string? value, bool isShown)
    {
        Write(state, "c1", annotation is null ? "{}" : $$"""{ "annotations": { "{{annotation}}": "{{value}}" } }""");
        PodContainers pods = Pods();
        Assert.Equal(isShown ? 1 : 0, pods.Attach());
        Assert.Equal(isShown, Told().Contains("\"id\":\"c1\"", StringComparison.Ordinal));
        Assert.Equal(0, pods.Attach());
    }

    [Theory]
    [InlineData(PodContainers.CrioState, 0)]
    [InlineData(Containerd, 1)]
    public void One_whose_configuration_cannot_be_read_is_a_pods_only_where_there_are_no_others(string state, int shown)
    {
        Write(state, "c1", "[{");
        Assert.Equal(shown, Pods().Attach());
    }

    [Fact]
    public void One_that_failed_is_tried_again_and_not_for_ever()
    {
        Write(Containerd, "c1", "{}");
        Hook("echo it hangs; exit 1");
        PodContainers pods = Pods();
        Assert.Equal([1, 1, 1, 0, 0], Enumerable.Range(0, 5).Select(_ => pods.Attach()));
        Assert.Equal(["1 of 3", "2 of 3", "3 of 3"], _node.Log.Select(line => line.Split("at try ")[1].Split(':')[0]));
        Assert.All(_node.Log, line => Assert.EndsWith(": it hangs", line, StringComparison.Ordinal));
    }

    [Fact]
    public void One_that_failed_once_gets_its_files_at_the_next_look()
    {
        Write(Containerd, "c1", "{}");
        Hook("exit 1");
        PodContainers pods = Pods();
        pods.Attach();
        Hook("exit 0");
        Assert.Equal((1, 0), (pods.Attach(), pods.Attach()));
        Assert.Contains("was shown to the hook", _node.Log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_the_hook_has_registered_in_vain_is_the_daemons()
    {
        Write(Containerd, "c1", "{}");
        Hook("exit 1");
        PodContainers pods = Pods();
        Assert.Equal(1, pods.Attach());
        // The hook does that before it asks the daemon, which hangs. By now somebody may have said that it is to have none.
        Assert.True(StartTime.TryRead("/proc", Environment.ProcessId, out ulong start));
        Assert.Null(RegistryFile.Write(_node.Places.RunDirectory, new RegistryEntry { Id = "c1", Pid = Environment.ProcessId, StartTime = start, Source = "hook", IsDetached = true }));
        Assert.Equal(0, pods.Attach());
        Assert.True(RegistryFile.TryRead(RunDirectory.RegistryFile(_node.Places.RunDirectory, "c1"), out RegistryEntry? entry, out _) && entry!.IsDetached);
    }

    [Fact]
    public void One_that_is_gone_is_forgotten()
    {
        Write(Containerd, "c1", "{}");
        PodContainers pods = Pods();
        Assert.Equal(1, pods.Attach());
        Directory.Delete(_node.Places.On($"{Containerd}/c1"), recursive: true);
        Assert.Equal(0, pods.Attach());
        Write(Containerd, "c1", "{}");
        Assert.Equal(1, pods.Attach());
    }

    private PodContainers Pods() => new(["/bin/sh", _node.Places.On("/hook")], _node.Places.RunDirectory, "/proc", [.. PodContainers.DefaultStates(null).Select(_node.Places.On)], _node);

    private void Hook(string end) => _node.Write("/hook", $"cat >>'{_node.Places.On("/told")}'\n{end}\n");

    private string Told() => _node.Read("/told") ?? "";

    private void Write(string state, string id, string config)
    {
        string bundle = $"{state}/{id}{(state == PodContainers.CrioState ? "/userdata" : "")}";
        _node.Write($"{bundle}/config.json", config);
        _node.Write($"{bundle}/{(state == PodContainers.CrioState ? "pidfile" : "init.pid")}", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    }
}
