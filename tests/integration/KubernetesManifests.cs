using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

/// <summary>deploy/kubernetes: that the manifests are what they should be, that the chart renders to the same, and that the program knows what they say to it.</summary>
public sealed class KubernetesManifests
{
    private static readonly string Here = $"{Daemon.Repository}/deploy/kubernetes";

    [Fact]
    public void The_chart_renders_to_the_plain_manifests()
    {
        Needed();
        // The namespace is helm's own affair.
        Assert.Equal(Plain("serviceaccount", "runtimeclass", "daemonset").ToJsonString(), Chart().ToJsonString());
    }

    [Fact]
    public void The_DaemonSet_is_on_every_node_that_we_can_serve_and_asks_for_nothing_in_the_cluster()
    {
        Needed();
        JsonNode spec = Plain("daemonset")[0]!["spec"]!, pod = spec["template"]!["spec"]!, container = Assert.Single(pod["containers"]!.AsArray())!;
        Assert.Equal("system-node-critical", (string)pod["priorityClassName"]!);
        Assert.True((bool)pod["hostPID"]!);
        Assert.True((bool)container["securityContext"]!["privileged"]!);
        Assert.False((bool)pod["automountServiceAccountToken"]!);
        Assert.Equal("""[{"operator":"Exists"}]""", pod["tolerations"]!.ToJsonString());
        Assert.Equal("""{"maxUnavailable":1,"maxSurge":0}""", spec["updateStrategy"]!["rollingUpdate"]!.ToJsonString());
        Assert.Null(pod["volumes"]);
        foreach ((string key, JsonNode? value) in spec["selector"]!["matchLabels"]!.AsObject())
        {
            Assert.Equal((string)value!, (string)spec["template"]!["metadata"]!["labels"]![key]!);
        }

        Assert.DoesNotContain(Everything(), document => (string)document!["kind"]! is "ClusterRole" or "ClusterRoleBinding" or "Role" or "RoleBinding" or "MutatingWebhookConfiguration");
    }

    [Fact]
    public void All_that_is_said_to_the_program_it_knows()
    {
        Needed();
        JsonArray all = [.. Plain("daemonset", "uninstall").Concat(Chart("attachRunning=true", "engines=containerd", "containerd=edit", "containerdConfig=/x.toml", "containerdUnit=k3s", "config='{}'"))
            .Where(document => (string)document!["kind"]! == "DaemonSet").Select(document => document!.DeepClone())];
        foreach (JsonNode? document in all)
        {
            JsonNode container = document!["spec"]!["template"]!["spec"]!["containers"]![0]!;
            AssertKnown([.. container["args"]!.AsArray().Select(word => (string)word!)]);
            foreach (JsonNode probe in new[] { container["readinessProbe"], container["livenessProbe"] }.OfType<JsonNode>())
            {
                string[] command = [.. probe["exec"]!["command"]!.AsArray().Select(word => (string)word!)];
                Assert.Equal("/procfs", command[0]); // where the image has it
                AssertKnown(command[1..]);
            }
        }
    }

    [Fact]
    public void A_configuration_comes_with_its_map_and_makes_other_pods()
    {
        Needed();
        JsonArray documents = Chart("config='{ \"workers\": 2 }'"), others = Chart("config='{ \"workers\": 3 }'");
        Assert.Equal("{ \"workers\": 2 }", (string)Of(documents, "ConfigMap")["data"]!["procfs.json"]!);
        JsonNode pod = Of(documents, "DaemonSet")["spec"]!["template"]!;
        Assert.NotEqual(pod["metadata"]!["annotations"]!.ToJsonString(), Of(others, "DaemonSet")["spec"]!["template"]!["metadata"]!["annotations"]!.ToJsonString());
        Assert.Equal("/config", (string)pod["spec"]!["containers"]![0]!["volumeMounts"]![0]!["mountPath"]!);
        Assert.Equal("procfs", (string)pod["spec"]!["volumes"]![0]!["configMap"]!["name"]!);
    }

    [Fact]
    public void The_example_uses_the_RuntimeClass_and_kustomize_names_files_that_are_there()
    {
        Needed();
        Assert.Equal((string)Plain("runtimeclass")[0]!["metadata"]!["name"]!, (string)Plain("example-pod")[0]!["spec"]!["runtimeClassName"]!);
        Assert.Equal("procfs", (string)Plain("runtimeclass")[0]!["handler"]!);
        Assert.All(Plain("kustomization")[0]!["resources"]!.AsArray(), file => Assert.True(File.Exists($"{Here}/{file}")));
        // One version everywhere, and the chart's own.
        string image = $"localhost/procfs:{(string)Documents($"{Here}/chart/Chart.yaml")[0]!["appVersion"]!}";
        Assert.All(new[] { "daemonset", "uninstall" }, name => Assert.Equal(image, (string)Plain(name)[0]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!));
    }

    private static void AssertKnown(string[] words)
    {
        string help = Child.Run([Daemon.Binary, words[0], words[1], "--help"]).Ok();
        Assert.All(words[2..].Where(word => word.StartsWith("--", StringComparison.Ordinal)), option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    private static void Needed()
        => Assert.SkipUnless(Child.Run("/usr/bin/python3", "-c", "import yaml").ExitCode == 0, "not installed: python3-yaml");

    private static JsonNode Of(JsonArray documents, string kind) => Assert.Single(documents, document => (string)document!["kind"]! == kind)!;

    private static JsonArray Everything() => Documents([.. Directory.GetFiles(Here, "*.yaml")]);

    private static JsonArray Plain(params string[] names) => Documents([.. names.Select(name => $"{Here}/{name}.yaml")]);

    private static JsonArray Chart(params string[] settings) => Documents(["--chart", $"{Here}/chart", .. settings]);

    private static JsonArray Documents(params string[] arguments)
        => (JsonArray)JsonNode.Parse(Child.Run(["/usr/bin/python3", $"{AppContext.BaseDirectory}/manifests.py", .. arguments]).Ok())!;
}
