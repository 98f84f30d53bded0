using System.Text.Json.Nodes;
using ProcFs.Integration.Tests.Engines;

namespace ProcFs.Integration.Tests;

/// <summary>What an operator asks in a pod, where the node's own files are not to be seen, and what the node answers. The node is a stage with a process 1 of its own.</summary>
public sealed class NodeRun(ServedTree tree)
{
    private const string Mount = "/var/lib/procfs";

    /// <summary>As in a pod: the node's process numbers, mounts of its own, and nothing in the run directory.</summary>
    private static readonly string[] InPod = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run/procfs && exec \"$@\"", "sh", "procfs"];

    [Fact]
    public void In_a_pod_the_node_answers_by_it_and_nobody_without_it()
    {
        using Stage stage = new(tree);
        stage.Serve();
        string served = stage.Run("procfs", "status").Ok().Split(" (")[0];
        Assert.StartsWith($"{Mount}: served by process ", served, StringComparison.Ordinal);

        foreach ((string verb, string expected) in new[] { ("status", $"{Mount}: nobody serves it"), ("metrics", "procfs_up 0\n") })
        {
            Output output = stage.Run([.. InPod, verb]);
            Assert.Contains(expected, output.Ok(), StringComparison.Ordinal);
            Assert.EndsWith($"say: procfs node run -- {verb}", Assert.Single(ProcText.Lines(output.Error)), StringComparison.Ordinal);
        }

        Output status = OnNode(stage, "status");
        Assert.Equal(served, status.Ok().Split(" (")[0]);
        Assert.Empty(status.Error);
        Assert.Contains("procfs_up 1\n", OnNode(stage, "metrics").Ok(), StringComparison.Ordinal);
        Assert.Contains($"{Mount}/proc/meminfo\t", OnNode(stage, "targets").Ok(), StringComparison.Ordinal);
        Assert.StartsWith("MemTotal:", OnNode(stage, "show", "meminfo").Ok(), StringComparison.Ordinal);

        // The line that doctor gives there is one that works there.
        JsonNode warning = Namespaces(stage.Run([.. InPod, "doctor", "--json"]));
        Assert.Equal(("warning", "procfs node run -- doctor"), ((string)warning["state"]!, (string)warning["command"]!));
        Assert.NotEqual("warning", (string)Namespaces(OnNode(stage, "doctor", "--json"))["state"]!);

        stage.StopServing();
        Assert.Equal(1, OnNode(stage, "status", "--health").ExitCode);
        // The node itself needs no hint where to look.
        Assert.Empty(stage.Run("procfs", "status").Error);
    }

    [Fact]
    public void The_nodes_own_program_answers_where_it_has_one()
    {
        using Stage stage = new(tree);
        const string directory = "/var/lib/procfs-node";
        stage.Run("mkdir", "-p", "/run/procfs").Ok();
        stage.Write($"{directory}/current/procfs", "#!/bin/sh\necho \"the node's own: $*\"\n");
        stage.Run("chmod", "755", $"{directory}/current/procfs").Ok();
        Assert.Equal("the node's own: doctor --json", stage.Run([.. InPod, "node", "run", "--directory", directory, "--", "doctor", "--json"]).Line());
        // As the manifests say it.
        Assert.Equal("the node's own: doctor", stage.Run(["env", $"PROCFS_NODE_DIRECTORY={directory}", .. InPod, "node", "run", "--", "doctor"]).Line());
    }

    private static JsonNode Namespaces(Output doctor)
        => Assert.Single(JsonNode.Parse(doctor.Out)!["findings"]!.AsArray(), finding => (string)finding!["id"]! == "namespaces")!;

    private static Output OnNode(Stage stage, params string[] words) => stage.Run([.. InPod, "node", "run", "--", .. words]);
}
