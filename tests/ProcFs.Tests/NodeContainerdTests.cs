using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>The runtime handler in containerd's configuration: how it gets there, and that all else stays.</summary>
public sealed class NodeContainerdTests : IDisposable
{
    private const string Config = "/etc/containerd/config.toml";
    private const string DropIn = "/etc/containerd/conf.d/procfs.toml";
    private const string Old = "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1";
    private const string New = "containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4e490e9fbdc236c0e811ccaba3376";

    private const string Version2 = """
        # a node of kubeadm
        version = 2 # not 1
        root = "/var/lib/containerd"

        [plugins]
          [plugins."io.containerd.grpc.v1.cri"]
            sandbox_image = "registry.k8s.io/pause:3.9 # x"
            [plugins."io.containerd.grpc.v1.cri".containerd]
              default_runtime_name = "runc"
              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                runtime_type = "io.containerd.runc.v2"
        """;

    private const string Version3 = """
        version = 3
        imports = [
          '/etc/containerd/conf.d/*.toml', # drop-ins
        ]
        [plugins.'io.containerd.cri.v1.images']
          snapshotter = 'overlayfs'
        """;

    private readonly FakeNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_file_beside_it_is_enough_where_imports_are_merged()
    {
        _node.Write(Config, Version3);
        _node.ContainerdVersion = New;

        _node.Installer().SetUpEngines();

        Assert.Equal(["restart containerd"], _node.Calls);
        Assert.Equal(Version3, _node.Read(Config));
        Assert.Contains("""
            version = 3

            # containerd's own default, which containerd 1.x forgets when another one is named.
            [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
              runtime_type = "io.containerd.runc.v2"
            [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.procfs]
              runtime_type = "io.containerd.runc.v2"
              pod_annotations = ["io.procfs.*"]
              container_annotations = ["io.procfs.*"]
            [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.procfs.options]
              BinaryName = "/opt/procfs/current/procfs-runtime"
            """, _node.Read(DropIn), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData("[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"p\"", true, false)]
    [InlineData("[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n  default_runtime_name = \"runc\" # as ever", true, false)]
    [InlineData("[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n  default_runtime_name = 'nvidia'\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.nvidia]", false, false)]
    [InlineData("[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]", false, false)]
    [InlineData("[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]\n  SystemdCgroup = true", false, true)]
    [InlineData("[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]\n  SystemdCgroup = false", false, false)]
    [InlineData("[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.other.options]\n  SystemdCgroup = true", true, false)]
    [InlineData("[plugins.x.containerd.runtimes.runc]", true, false)]
    public void CRI_keeps_its_default_runtime_and_the_handler_has_its_cgroup_driver(string more, bool namesRunc, bool hasSystemdCgroup)
    {
        _node.Write(Config, "version = 2\n" + more);
        _node.ContainerdVersion = Old;
        _node.Engines = _node.Engines with { EditsContainerd = true };

        _node.Installer().SetUpEngines();

        string block = _node.Read(Config)![("version = 2\n" + more).Length..];
        Assert.Equal(namesRunc, block.Contains(""".containerd.runtimes.runc]""", StringComparison.Ordinal));
        Assert.Equal(hasSystemdCgroup, block.Contains("SystemdCgroup = true", StringComparison.Ordinal));
        Assert.Contains(""".containerd.runtimes.procfs.options]""", block, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_imported_file_says_of_the_default_runtime_counts()
    {
        _node.Write(Config, Version3);
        _node.Write("/etc/containerd/conf.d/10-kubeadm.toml", "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n");
        _node.Write("/etc/containerd/conf.d/note.txt", "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = false\n");
        _node.ContainerdVersion = New;

        _node.Installer().SetUpEngines();

        string text = _node.Read(DropIn)!;
        Assert.DoesNotContain("runtimes.runc", text, StringComparison.Ordinal);
        Assert.Contains("  SystemdCgroup = true\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "SystemdCgroup = true", true)] // as it was written before
    [InlineData("[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n", "", true)]
    [InlineData("[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]\n  SystemdCgroup = false\n", "SystemdCgroup = true", false)]
    [InlineData("", "", false)]
    public void The_handler_that_is_made_the_default_of_all_pods_keeps_the_cgroup_driver_and_runc(string said, string written, bool hasSystemdCgroup)
    {
        string runtimes = "plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes";
        string given = $"version = 2\n[plugins.'io.containerd.grpc.v1.cri'.containerd]\n  default_runtime_name = \"procfs\"\n{said}";
        _node.Write(Config, ContainerdText.Parse(given).WithBlock($"[{runtimes}.runc]\n[{runtimes}.procfs.options]\n{written}\n"));
        _node.ContainerdVersion = Old;

        _node.Installer().SetUpEngines();

        string block = _node.Read(Config)![given.Length..];
        Assert.Contains("BinaryName", block, StringComparison.Ordinal);
        Assert.Equal(said.Length == 0, block.Contains(".containerd.runtimes.runc]", StringComparison.Ordinal));
        Assert.Equal(hasSystemdCgroup, block.Contains("SystemdCgroup = true", StringComparison.Ordinal));
    }

    [Fact]
    public void Containerd_is_not_restarted_when_the_handler_is_made_the_default_of_all_pods()
    {
        _node.Write(Config, Version3);
        _node.Write("/etc/containerd/conf.d/10.toml", "[plugins.'io.containerd.cri.v1.runtime'.containerd]\ndefault_runtime_name = 'runc'\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\nSystemdCgroup = true\n");
        _node.ContainerdVersion = New;
        _node.Installer().SetUpEngines();
        _node.Calls.Clear();
        _node.Write("/etc/containerd/conf.d/99.toml", "[plugins.'io.containerd.cri.v1.runtime'.containerd]\ndefault_runtime_name = 'procfs'\n");

        _node.Installer().SetUpEngines();

        Assert.Empty(_node.Calls);
        Assert.Contains("SystemdCgroup = true", _node.Read(DropIn), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Config, "[plugins.'io.containerd.cri.v1.runtime'.containerd]\ndefault_runtime_name = 'procfs'\n", "")]
    [InlineData("/etc/containerd/conf.d/99.toml", "", "[plugins.'io.containerd.cri.v1.runtime'.containerd]\ndefault_runtime_name = 'procfs'\n")]
    public void The_handler_is_not_taken_away_while_it_is_the_default_of_all_pods(string named, string inConfig, string imported)
    {
        _node.Write(Config, Version3 + "\n" + inConfig);
        _node.Write("/etc/containerd/conf.d/99.toml", imported);
        _node.ContainerdVersion = New;
        _node.Installer().SetUpEngines();
        _node.Calls.Clear();
        Dictionary<string, string> before = _node.Everything();

        Failure failure = Assert.Throws<Failure>(() => _node.Installer().Containerd.Uninstall());

        Assert.StartsWith($"{named} says default_runtime_name = \"procfs\"", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("nothing is removed", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_node.Calls);
        Assert.Equal(before, _node.Everything());

        _node.Write(Config, Version3);
        _node.Write("/etc/containerd/conf.d/99.toml", "");
        _node.Installer().Containerd.Uninstall();
        Assert.Null(_node.Read(DropIn));
    }

    [Fact]
    public void A_default_that_somebody_elses_handler_is_keeps_nobody_from_a_removal()
    {
        _node.Write(Config, Version2.Replace("\"runc\"", "\"procfs\"", StringComparison.Ordinal) + "\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.procfs]\n");
        _node.ContainerdVersion = Old;
        _node.Installer().Containerd.Uninstall();
        Assert.Empty(_node.Calls);
    }

    [Fact]
    public void A_handler_of_somebody_else_in_an_imported_file_stays()
    {
        _node.Write(Config, Version3);
        const string theirs = "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.procfs]\nruntime_type = 'x'\n";
        _node.Write(DropIn, theirs);
        _node.ContainerdVersion = New;
        _node.Installer().SetUpEngines();
        Assert.Empty(_node.Calls);
        Assert.Equal(theirs, _node.Read(DropIn));
        Assert.Contains(_node.Log, line => line.StartsWith($"containerd: {DropIn} has a runtime handler procfs of its own", StringComparison.Ordinal));
    }

    [Fact]
    public void A_restart_that_failed_is_tried_again_and_no_other()
    {
        _node.Write(Config, Version3);
        _node.ContainerdVersion = New;
        _node.Refuses = "restart containerd";
        Assert.Throws<Failure>(() => _node.Installer().SetUpEngines());
        Assert.NotNull(_node.Read(DropIn));
        _node.Calls.Clear();
        _node.Refuses = null;

        _node.Installer().SetUpEngines();
        _node.Installer().SetUpEngines();

        Assert.Equal(["restart containerd"], _node.Calls);
    }

    [Fact]
    public void What_has_to_be_done_by_hand_is_told_once()
    {
        _node.Write(Config, Version2);
        _node.ContainerdVersion = Old;
        NodeInstaller installer = _node.Installer();
        installer.SetUpEngines();
        installer.SetUpEngines();
        Assert.Single(_node.Log, line => line.Contains("--containerd edit", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_restarted_once()
    {
        _node.Write(Config, Version3);
        _node.ContainerdVersion = New;
        _node.Installer().SetUpEngines();
        _node.Calls.Clear();
        _node.Installer().SetUpEngines();
        Assert.Empty(_node.Calls);
    }

    [Fact]
    public void Containerd_1_gets_no_file_beside_it_since_that_would_replace_all_of_CRI()
    {
        string text = "imports = [\"/etc/containerd/conf.d/*.toml\"]\n" + Version2;
        _node.Write(Config, text);
        _node.ContainerdVersion = Old;

        _node.Installer().SetUpEngines();

        Assert.Empty(_node.Calls);
        Assert.Null(_node.Read(DropIn));
        Assert.Equal(text, _node.Read(Config));
        string said = Assert.Single(_node.Log, line => line.Contains("--containerd edit", StringComparison.Ordinal));
        Assert.Contains("""[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.procfs]""", said, StringComparison.Ordinal);
    }

    [Fact]
    public void When_it_may_be_edited_a_block_is_added_at_its_end_and_nothing_else_changes()
    {
        _node.Write(Config, Version2);
        _node.ContainerdVersion = Old;
        _node.Engines = _node.Engines with { EditsContainerd = true };

        _node.Installer().SetUpEngines();

        string text = _node.Read(Config)!;
        Assert.StartsWith(Version2 + "\n# BEGIN procfs node", text, StringComparison.Ordinal);
        Assert.Contains("""[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.procfs.options]""", text, StringComparison.Ordinal);
        Assert.Equal(["restart containerd"], _node.Calls);

        _node.Calls.Clear();
        _node.Installer().SetUpEngines();
        Assert.Empty(_node.Calls);
        Assert.Equal(text, _node.Read(Config));

        _node.Installer().Containerd.Uninstall();
        Assert.Equal(Version2 + "\n", _node.Read(Config));
    }

    [Fact]
    public void A_block_of_another_directory_is_replaced()
    {
        _node.Write(Config, ContainerdText.Parse(Version2).WithBlock(new ContainerdHandler([]).Tables(2, "/opt/old/current/procfs-runtime")));
        _node.ContainerdVersion = Old;

        _node.Installer().SetUpEngines();

        string text = _node.Read(Config)!;
        Assert.DoesNotContain("/opt/old", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("# BEGIN procfs node").Length);
    }

    [Fact]
    public void A_handler_of_somebody_else_stays()
    {
        string text = Version2 + "\n[ plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.\"procfs\" ]\nruntime_type = \"x\"\n";
        _node.Write(Config, text);
        _node.Engines = _node.Engines with { EditsContainerd = true };
        _node.Installer().SetUpEngines();
        Assert.Empty(_node.Calls);
        Assert.Equal(text, _node.Read(Config));
    }

    [Theory]
    [InlineData(Old, "version = 2\n# BEGIN")]
    [InlineData(New, "version = 3\n# BEGIN")]
    public void A_containerd_without_a_configuration_gets_one_that_says_no_more(string version, string expected)
    {
        _node.Engines = _node.Engines with { EditsContainerd = true, Names = [EngineOptions.Containerd] };
        _node.ContainerdVersion = version;
        _node.Installer().SetUpEngines();
        Assert.StartsWith(expected, _node.Read(Config), StringComparison.Ordinal);

        _node.Installer().Containerd.Uninstall();
        Assert.Null(_node.Read(Config));
    }

    [Fact]
    public void A_configuration_of_version_1_is_left_alone_and_named()
    {
        _node.Write(Config, "[plugins.cri]\n");
        _node.Engines = _node.Engines with { EditsContainerd = true };
        _node.Installer().SetUpEngines();
        Assert.Equal("[plugins.cri]\n", _node.Read(Config));
        Assert.Contains(_node.Log, line => line.Contains("is of version 1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_node_without_containerd_is_left_alone()
    {
        _node.Installer().SetUpEngines();
        Assert.Empty(_node.Calls);
        Assert.Null(_node.Read(Config));
    }

    [Theory]
    [InlineData("imports = [\"/etc/containerd/conf.d/*.toml\"]", "/etc/containerd/conf.d")]
    [InlineData("imports = ['conf.d/*.toml']", "/etc/containerd/conf.d")]
    [InlineData("imports=[ \"/a/one.toml\" , \"/b/*\" ]", "/b")]
    [InlineData("imports = [\n  # \"/no/*.toml\",\n  \"/yes#1/*.toml\",\n]", "/yes#1")]
    [InlineData("imports = [\"/a/runtime_*.toml\"]", null)]
    [InlineData("imports = [\"/a/*/*.toml\"]", null)]
    [InlineData("imports = []", null)]
    [InlineData("# imports = [\"/a/*.toml\"]", null)]
    [InlineData("[plugins]\nimports = [\"/a/*.toml\"]", null)]
    [InlineData("imports = [", null)]
    public void What_is_imported_is_found(string text, string? directory) => Assert.Equal(directory, ContainerdText.Parse(text).ImportedDirectory(Config));

    [Theory]
    [InlineData("version = 3", 3)]
    [InlineData("  version=2#x", 2)]
    [InlineData("root = \"version = 7\"", 1)]
    [InlineData("[x]\nversion = 3", 1)]
    [InlineData("version = two", 1)]
    [InlineData("", 1)]
    public void The_version_is_the_top_levels(string text, int version) => Assert.Equal(version, ContainerdText.Parse(text).Version);

    [Fact]
    public void Every_beginning_of_a_configuration_is_understood_or_left_alone()
    {
        string text = ContainerdText.Parse(Version3).WithBlock(new ContainerdHandler([]).Tables(3, "/x"));
        for (int length = 0; length <= text.Length; length++)
        {
            ContainerdText config = ContainerdText.Parse(text[..length]);
            Assert.StartsWith(config.WithoutBlock(), text, StringComparison.Ordinal);
        }
    }
}
