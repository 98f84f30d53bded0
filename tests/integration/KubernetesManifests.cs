using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

/// <summary>deploy/kubernetes: that the manifests are what they should be, that the chart renders to the same, and that the program knows what they say to it.</summary>
public sealed class KubernetesManifests(ServedTree tree)
{
    /// <summary>Values that a fleet may choose, all at once.</summary>
    private static readonly string[] Everywhere = ["attachRunning=true", "engines=containerd", "containerd=edit", "containerdConfig=/x.toml", "containerdUnit=k3s", "config='{}'", "metricsFile=/x.prom"];

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
        Assert.Equal(10, (int)spec["minReadySeconds"]!);
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
        JsonArray all = [.. Plain("daemonset", "uninstall/daemonset", "metrics/container").Concat(Chart(Everywhere)).Concat(Chart([.. Everywhere, "uninstall=true"]))
            .Where(document => (string)document!["kind"]! == "DaemonSet").Select(document => document!.DeepClone())];
        foreach (JsonNode? document in all)
        {
            foreach (JsonNode? container in Containers(document!))
            {
                AssertKnown(Words(container!["args"]!));
                foreach (JsonNode probe in new[] { container["readinessProbe"], container["livenessProbe"] }.OfType<JsonNode>())
                {
                    string[] command = Words(probe["exec"]!["command"]!);
                    Assert.Equal("/procfs", command[0]); // where the image has it
                    AssertKnown(command[1..]);
                }
            }
        }
    }

    /// <summary>What is said by an argument of the first process is not heard by the probe, nor by what kubectl exec runs.</summary>
    [Fact]
    public void Where_things_are_on_the_node_is_said_to_all_programs_of_the_pod_and_they_go_by_it()
    {
        Needed();
        JsonNode[] containers = [.. Plain("daemonset", "uninstall/daemonset", "metrics/container").Concat(Chart([.. Everywhere, "directory=/home/kubernetes/procfs"]))
            .Where(document => (string)document!["kind"]! == "DaemonSet").SelectMany(document => Containers(document!)).OfType<JsonNode>()];
        Assert.All(containers, container => Assert.Contains("PROCFS_NODE_DIRECTORY", EnvironmentOf(container).Keys));
        Dictionary<string, string> chosen = EnvironmentOf(Containers(Of(Chart([.. Everywhere, "directory=/home/kubernetes/procfs"]), "DaemonSet"))[0]!);
        Assert.Equal(("/home/kubernetes/procfs", "/x.toml"), (chosen["PROCFS_NODE_DIRECTORY"], chosen["PROCFS_CONTAINERD_CONFIG"]));

        string directory = tree.NewDirectory("node"), config = $"{directory}/config.toml";
        Directory.CreateDirectory($"{directory}/versions/1.0.0-of-this-test");
        File.CreateSymbolicLink($"{directory}/current", "versions/1.0.0-of-this-test");
        string status = Status($"PROCFS_NODE_DIRECTORY={directory}", $"PROCFS_CONTAINERD_CONFIG={config}").Out;
        Assert.StartsWith("installed: 1.0.0-of-this-test\n", status, StringComparison.Ordinal);
        Assert.Contains($"containerd: {config} has no runtime handler procfs", status, StringComparison.Ordinal);

        Assert.Equal((2, "procfs: PROCFS_NODE_DIRECTORY must be an absolute path"), Refused(Status("PROCFS_NODE_DIRECTORY=a b")));
        Assert.Equal((2, "procfs: PROCFS_CONTAINERD_CONFIG must be an absolute path"), Refused(Status("PROCFS_CONTAINERD_CONFIG=x.toml")));
        // An option counts more.
        Assert.StartsWith("installed: 1.0.0-of-this-test\n", Status(["PROCFS_NODE_DIRECTORY=a b"], "--directory", directory).Out, StringComparison.Ordinal);
        Assert.StartsWith("installed: ", Status("PROCFS_NODE_DIRECTORY=").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_chart_uninstalls_as_the_plain_manifest_does_and_nothing_probes_what_is_gone()
    {
        Needed();
        JsonNode plain = Containers(Plain("uninstall/daemonset")[0]!)[0]!, chart = Assert.Single(Containers(Of(Chart("uninstall=true"), "DaemonSet")))!;
        Assert.Equal(plain["args"]!.ToJsonString(), chart["args"]!.ToJsonString());
        Assert.Equal("/opt/procfs", EnvironmentOf(plain)["PROCFS_NODE_DIRECTORY"]);
        Assert.All(new[] { plain, chart }, container => Assert.Equal((null, null), (container["readinessProbe"], container["livenessProbe"])));

        // It undoes what was done, so it is told where. Node by node, in the place of the pod that installs: what is selected cannot be changed.
        JsonNode installing = Of(Chart(Everywhere), "DaemonSet"), removing = Of(Chart([.. Everywhere, "uninstall=true"]), "DaemonSet");
        string[] words = Words(Assert.Single(Containers(removing))!["args"]!);
        Assert.Equal(["node", "uninstall", "--containerd-unit", "k3s", "--engines", "containerd", "--wait"], words);
        Assert.Equal(("/opt/procfs", "/x.toml"), (EnvironmentOf(Containers(removing)[0]!)["PROCFS_NODE_DIRECTORY"], EnvironmentOf(Containers(removing)[0]!)["PROCFS_CONTAINERD_CONFIG"]));
        Assert.Equal(installing["spec"]!["selector"]!.ToJsonString(), removing["spec"]!["selector"]!.ToJsonString());
        Assert.Equal((string)installing["metadata"]!["name"]!, (string)removing["metadata"]!["name"]!);
        Assert.Null(removing["spec"]!["template"]!["spec"]!["volumes"]);
    }

    [Fact]
    public void Metrics_are_written_by_a_container_beside_which_chart_and_component_agree_on()
    {
        Needed();
        JsonNode component = Assert.Single(Containers(Plain("metrics/container")[0]!))!;
        string file = Words(component["args"]!)[5];
        JsonArray chart = Containers(Of(Chart($"metricsFile={file}"), "DaemonSet"));
        Assert.Equal(["node", "metrics"], chart.Select(container => (string)container!["name"]!));
        Assert.Equal(component.ToJsonString(), chart[1]!.ToJsonString());
        // A pod of two: kubectl exec and kubectl logs are about the first one.
        Assert.Equal("node", (string)Plain("daemonset")[0]!["spec"]!["template"]!["metadata"]!["annotations"]!["kubectl.kubernetes.io/default-container"]!);
    }

    [Fact]
    public void What_kustomize_is_told_reaches_image_and_namespace_of_all_it_applies()
    {
        Needed();
        foreach (string directory in new[] { "", "uninstall/" })
        {
            JsonNode told = Plain($"{directory}kustomization")[0]!;
            string names = (string)told["namespace"]!;
            string[] images = [.. told["images"]!.AsArray().Select(image => (string)image!["name"]!)];
            JsonArray applied = Plain([.. told["resources"]!.AsArray().Select(file => directory + Path.GetFileNameWithoutExtension((string)file!))]);
            Assert.Contains(applied, document => (string)document!["kind"]! == "DaemonSet");
            foreach (JsonNode? document in applied)
            {
                Assert.Contains((string?)document!["metadata"]!["namespace"], new[] { null, names });
                Assert.All((string)document["kind"]! == "DaemonSet" ? Containers(document) : [], container => Assert.Contains(((string)container!["image"]!).Split(':')[0], images));
            }
        }

        Assert.SkipUnless(Child.Shell("kubectl kustomize --help").ExitCode == 0, "not installed: kubectl, which has kustomize");
        string copy = tree.NewDirectory("kustomize");
        Child.Run("cp", "--recursive", $"{Here}/.", copy).Ok();
        Child.Shell("sed -i -e 's|newName: .*|newName: there.example/procfs|' -e 's|newTag: .*|newTag: \"9\"|' -e 's|^namespace: .*|namespace: elsewhere|' \"$1/kustomization.yaml\" \"$1/uninstall/kustomization.yaml\" && echo 'components: [metrics]' >>\"$1/kustomization.yaml\"", copy).Ok();
        foreach ((string directory, int containers) in new[] { (copy, 2), ($"{copy}/uninstall", 1) })
        {
            File.WriteAllText($"{copy}/built.yaml", Child.Run("kubectl", "kustomize", directory).Ok());
            JsonNode set = Of(Documents($"{copy}/built.yaml"), "DaemonSet");
            Assert.Equal("elsewhere", (string)set["metadata"]!["namespace"]!);
            Assert.Equal(Enumerable.Repeat("there.example/procfs:9", containers), Containers(set).Select(container => (string)container!["image"]!));
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
        Assert.All(new[] { "daemonset", "uninstall/daemonset", "metrics/container" }, name => Assert.Equal(image, (string)Plain(name)[0]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!));
    }

    private static void AssertKnown(string[] words)
    {
        if (Array.IndexOf(words, "--") is > 0 and int end)
        {
            AssertOptions(words[(end + 1)..(end + 2)], words[(end + 2)..]);
            words = words[..end];
        }

        AssertOptions(words[..2], words[2..]);
    }

    private static void AssertOptions(string[] verb, string[] words)
    {
        string help = Child.Run([Daemon.Binary, .. verb, "--help"]).Ok();
        Assert.All(words.Where(word => word.StartsWith("--", StringComparison.Ordinal)), option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    private static JsonArray Containers(JsonNode document) => document["spec"]!["template"]!["spec"]!["containers"]!.AsArray();

    private static Dictionary<string, string> EnvironmentOf(JsonNode container) => container["env"]!.AsArray().ToDictionary(variable => (string)variable!["name"]!, variable => (string)variable!["value"]!);

    private static Output Status(params string[] environment) => Status(environment, "--engines", "containerd");

    private static Output Status(string[] environment, params string[] options) => Child.Run(["env", .. environment, Daemon.Binary, "node", "status", "--here", .. options]);

    private static (int, string) Refused(Output output) => (output.ExitCode, string.Join(' ', output.Error.Split(' ').Take(7)).TrimEnd(','));

    private static string[] Words(JsonNode list) => [.. list.AsArray().Select(word => (string)word!)];

    private static void Needed()
        => Assert.SkipUnless(Child.Run("/usr/bin/python3", "-c", "import yaml").ExitCode == 0, "not installed: python3-yaml");

    private static JsonNode Of(JsonArray documents, string kind) => Assert.Single(documents, document => (string)document!["kind"]! == kind)!;

    private static JsonArray Everything() => Documents([.. new[] { Here, $"{Here}/uninstall", $"{Here}/metrics" }.SelectMany(directory => Directory.GetFiles(directory, "*.yaml"))]);

    private static JsonArray Plain(params string[] names) => Documents([.. names.Select(name => $"{Here}/{name}.yaml")]);

    private static JsonArray Chart(params string[] settings) => Documents(["--chart", $"{Here}/chart", .. settings]);

    private static JsonArray Documents(params string[] arguments)
        => (JsonArray)JsonNode.Parse(Child.Run(["/usr/bin/python3", $"{AppContext.BaseDirectory}/manifests.py", .. arguments]).Ok())!;
}
