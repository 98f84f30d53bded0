using ProcFs.Integration.Tests.Engines;

namespace ProcFs.Integration.Tests;

/// <summary>The image as the DaemonSet runs it, on a node without systemd, which is a stage with containerd on it: the pod itself supervises the daemon.</summary>
public sealed class NodeWithoutSystemd(ServedTree tree)
{
    private const string Directory = "/var/lib/procfs-node";
    private const string Runtime = Directory + "/current/procfs-runtime";
    private const string Config = "/etc/elsewhere/config.toml";
    private const string Namespace = "k8s.io";
    private const string Limited = "MemTotal:          65536 kB";

    /// <summary>As the chart has it of a node with directories of its own. What is run in the pod by kubectl exec, or as a probe, goes by it, too.</summary>
    private static readonly string[] Environment = [$"PROCFS_NODE_DIRECTORY={Directory}", $"PROCFS_CONTAINERD_CONFIG={Config}"];

    // No rlimit above this machine's own.
    private const string Podman = "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n";

    [Fact]
    public void Its_pod_serves_and_the_next_one_makes_containers_whole()
    {
        foreach (string program in new[] { "podman", "conmon", "containerd", "ctr", "runc" })
        {
            Assert.SkipUnless(Child.Shell("command -v \"$1\"", program).ExitCode == 0, $"not installed: {program}");
        }

        using Stage stage = new(tree);
        stage.Write("/etc/containers/containers.conf", Podman);
        // Its state is where only this configuration says.
        const string given = "version = 2\nstate = \"/run/elsewhere\"\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"pause:of-this-test\"\n";
        stage.Write(Config, given);
        string scratch = tree.NewDirectory("pods");
        PodEngine engine = new("/var/lib/podman", stage.Inside);
        string image = engine.Import(Daemon.Binary, "first", scratch);
        string[] install = ["node", "install", "--containerd", "edit", "--engines", "containerd", "--attach-running"];

        using (NodePod first = NodePod.StartWith(engine, image, Environment, install))
        {
            string status = first.AwaitReady("--engines", "containerd");
            Assert.Contains($"{Config} has the runtime handler procfs", status, StringComparison.Ordinal);
            Assert.Contains("this node has no systemd", first.Log, StringComparison.Ordinal);

            // As containerd itself understands it: our handler, and what was there before.
            string dump = stage.Run("containerd", "--config", Config, "config", "dump").Ok();
            Assert.Contains($"BinaryName = \"{Runtime}\"", dump, StringComparison.Ordinal);
            Assert.Contains("pause:of-this-test", dump, StringComparison.Ordinal);
            Assert.Contains("containerd.runtimes.runc]", dump, StringComparison.Ordinal);

            stage.Launch("containerd", ["containerd", "--config", Config], "ctr", "version");
            // CRI refuses to start without the default runtime.
            Assert.Matches(@"(?m)^io\.containerd\.grpc\.v1 +cri +\S+ +ok *$", stage.Run("ctr", "plugins", "ls").Ok());
            stage.Run("ctr", "--namespace", Namespace, "images", "import", DebianRoot.Of(tree).Archive).Ok();
            stage.Run("ctr", "--namespace", Namespace, "run", "--detach", "--memory-limit", $"{64 << 20}", "--runc-binary", Runtime, DebianRoot.Image, "box", "sleep", "1000").Ok();
            Assert.Equal(Limited, Total(stage));

            // One that knows nothing of us is found, though there is no systemd.
            stage.Run("ctr", "--namespace", Namespace, "run", "--detach", "--memory-limit", $"{96 << 20}", DebianRoot.Image, "other", "sleep", "1000").Ok();
            Assert.True(Pace.Until(30, () => Total(stage, "other") == "MemTotal:          98304 kB"), first.Log);
            _ = stage.Run("ctr", "--namespace", Namespace, "task", "kill", "--signal", "SIGKILL", "other");
            Assert.True(Pace.Until(60, () => stage.Run("ctr", "--namespace", Namespace, "task", "delete", "other").ExitCode == 0), "ctr cannot delete other");

            first.Stop();
        }

        Assert.True(Pace.Until(60, () => Total(stage) == File.ReadLines("/proc/meminfo").First()), Total(stage)); // and never an error

        using NodePod second = NodePod.StartWith(engine, image, Environment, install);
        second.AwaitReady();
        Assert.True(Pace.Until(20, () => Total(stage) == Limited), $"{Total(stage)}\n{second.Log}");
        second.Stop();

        // Its end is the wrapper's task.
        Output early = Uninstall(engine, image);
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("1 container(s) were started by way of it", early.Out, StringComparison.Ordinal);
        _ = stage.Run("ctr", "--namespace", Namespace, "task", "kill", "--signal", "SIGKILL", "box");
        Assert.True(Pace.Until(60, () => stage.Run("ctr", "--namespace", Namespace, "task", "delete", "box").ExitCode == 0), "ctr cannot delete box");

        Output late = Uninstall(engine, image);
        Assert.True(late.ExitCode == 0, late.Out);
        Assert.False(Path.Exists(stage.PathOf(Directory)));
        Assert.Equal(given, File.ReadAllText(stage.PathOf(Config)));
    }

    private static Output Uninstall(PodEngine engine, string image)
        => engine.Run(["run", "--rm", .. PodEngine.AsInTheManifest, .. PodEngine.With(Environment), image, "node", "uninstall"]);

    private static string Total(Stage stage, string container = "box")
        => stage.Run("ctr", "--namespace", Namespace, "task", "exec", "--exec-id", $"exec-{Guid.NewGuid():N}", container, "cat", "/proc/meminfo").Out.Split('\n')[0];
}
