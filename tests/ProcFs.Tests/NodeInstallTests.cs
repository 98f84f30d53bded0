using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>What is done to a node, and what is left alone. The node is a temporary directory.</summary>
public sealed class NodeInstallTests : IDisposable
{
    private const string Service = "/etc/systemd/system/procfs.service";
    private const string Settings = "/etc/procfs/procfs.json";

    private readonly FakeNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void An_installation_writes_program_and_units_and_starts_the_service()
    {
        string version = _node.Install("1.0.0");

        Assert.StartsWith("1.0.0-", version, StringComparison.Ordinal);
        Assert.Equal(version, _node.Store.Current);
        Assert.Null(_node.Store.Previous);
        Assert.Equal(version, _node.Serving);
        Assert.Equal(["daemon-reload", "enable procfs.service", "restart procfs.service"], _node.Calls);
        Assert.Equal("procfs", new FileInfo(_node.Places.On(_node.Places.Runtime)).LinkTarget);
    }

    [Fact]
    public void Done_again_it_changes_nothing_and_says_so()
    {
        _node.Install("1.0.0");
        Dictionary<string, string> before = _node.Everything();
        _node.Log.Clear();

        _node.Install("1.0.0");

        Assert.Empty(_node.Calls);
        Assert.Equal(before, _node.Everything());
        Assert.Contains(_node.Log, line => line.Contains("serves already", StringComparison.Ordinal));
    }

    [Fact]
    public void An_upgrade_restarts_the_service_alone_and_changes_no_unit()
    {
        string first = _node.Install("1.0.0");
        string? unit = _node.Read(Service);

        string second = _node.Install("1.1.0");

        Assert.Equal(["restart procfs.service"], _node.Calls); // never the keeper
        Assert.Equal(unit, _node.Read(Service));
        Assert.Equal((second, first), (_node.Store.Current, _node.Store.Previous));
        Assert.Equal(second, _node.Serving);
    }

    [Fact]
    public void A_rollback_is_an_installation_of_the_version_before()
    {
        string first = _node.Install("1.0.0");
        string second = _node.Install("1.1.0");

        Assert.Equal(first, _node.Install("1.0.0"));

        Assert.Equal(["restart procfs.service"], _node.Calls);
        Assert.Equal((first, second), (_node.Store.Current, _node.Store.Previous));
        Assert.Equal(first, _node.Serving);
    }

    [Fact]
    public void A_version_that_does_not_serve_gives_way_to_the_one_before()
    {
        string first = _node.Install("1.0.0");
        _node.Broken = _node.Store.Put(FakeNode.Program("1.1.0"), out _);

        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.1.0"));

        Assert.Contains($"{_node.Broken} does not serve", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith($"{first}, the version before, serves again", failure.Message, StringComparison.Ordinal);
        Assert.Equal(first, _node.Serving);
        Assert.Equal(first, _node.Store.Current);

        // Its pod is started again and again: readers do not pay for that.
        failure = Assert.Throws<Failure>(() => _node.Install("1.1.0"));
        Assert.Contains("it is not tried again until this node's next boot", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_node.Calls);
        Assert.StartsWith("1.2.0-", _node.Install("1.2.0"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_builds_of_one_version_are_two_versions()
    {
        string one = _node.Store.Put(FakeNode.Program("1.0.0", "one"), out bool isNew), other = _node.Store.Put(FakeNode.Program("1.0.0", "other"), out _);
        Assert.True(isNew);
        Assert.NotEqual(one, other);
        Assert.Equal(one, _node.Store.Put(FakeNode.Program("1.0.0", "one"), out isNew));
        Assert.False(isNew);
    }

    [Fact]
    public void The_current_version_and_the_one_before_are_kept_and_no_other()
    {
        _node.Install("1.0.0");
        string second = _node.Install("1.1.0"), third = _node.Install("1.2.0");
        Assert.Equal([second, third], Directory.GetDirectories(_node.Places.On(_node.Places.Directory) + "/versions").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_program_that_does_not_run_is_not_installed()
    {
        string first = _node.Install("1.0.0");
        Failure failure = Assert.Throws<Failure>(() => _node.Installer().Install([.. "#!/bin/sh\necho broken >&2; exit 3\n"u8], null));
        Assert.Equal("the program does not run from /opt/procfs: broken", failure.Message);
        Assert.Equal((first, first), (_node.Store.Current, _node.Serving));
        // What it left is in nobody's way.
        Assert.StartsWith("1.1.0-", _node.Install("1.1.0"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_for_another_machine_is_told_with_what_to_try()
    {
        Failure failure = Assert.Throws<Failure>(() => _node.Installer().Install([0x7f, .. "ELF is not enough"u8], null));
        Assert.Contains("--directory", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Impossible, failure.Code);
    }

    [Fact]
    public void After_the_daemons_end_it_is_started_again()
    {
        string version = _node.Install("1.0.0");
        _node.Kill();
        _node.Install("1.0.0");
        Assert.Equal(["restart procfs.service"], _node.Calls);
        Assert.Equal(version, _node.Serving);
    }

    [Theory]
    [InlineData("/usr/lib/systemd/system/procfs.service")]
    [InlineData("/etc/systemd/system/procfs-keeper.service")]
    public void A_node_with_a_package_of_procfs_is_refused(string unit)
    {
        _node.Write(unit, "[Service]\nExecStart=/usr/bin/procfs serve\n");
        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.0.0"));
        Assert.StartsWith($"this node has {unit}, which procfs node did not install", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_node.Calls);
        Assert.Null(_node.Store.Current);
    }

    [Fact]
    public void A_unit_that_lost_its_text_with_the_nodes_power_is_written_anew()
    {
        _node.Install("1.0.0");
        string? unit = _node.Read(Service);
        _node.Write(Service, "");
        _node.Install("1.0.0");
        Assert.Equal(unit, _node.Read(Service));
        Assert.Equal(["daemon-reload"], _node.Calls);
    }

    [Fact]
    public void A_unit_that_the_administrator_has_masked_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_node.Places.On(Service))!);
        File.CreateSymbolicLink(_node.Places.On(Service), "/dev/null");
        Assert.StartsWith($"this node has {Service}, which procfs node did not install", Assert.Throws<Failure>(() => _node.Install("1.0.0")).Message, StringComparison.Ordinal);
        Assert.Equal("/dev/null", new FileInfo(_node.Places.On(Service)).LinkTarget);
    }

    [Fact]
    public void Settings_of_the_pod_are_written_and_a_change_restarts()
    {
        _node.Install("1.0.0", """{ "workers": 2 }""");
        Assert.Equal(2, Configuration.ConfigFile.Load(_node.Places.Configuration).Workers);

        _node.Install("1.0.0", """{ "workers": 3 }""");

        Assert.Equal(["restart procfs.service"], _node.Calls);
        Assert.Equal(3, Configuration.ConfigFile.Load(_node.Places.Configuration).Workers);
        _node.Install("1.0.0", """{ "workers": 3 }""");
        Assert.Empty(_node.Calls);
    }

    [Fact]
    public void Settings_that_the_pod_brings_no_longer_are_taken_away()
    {
        _node.Install("1.0.0", """{ "workers": 2 }""");
        _node.Install("1.0.0");
        Assert.Equal(["restart procfs.service"], _node.Calls);
        Assert.Null(_node.Read(Settings));
        _node.Install("1.0.0");
        Assert.Empty(_node.Calls);
    }

    [Fact]
    public void A_version_that_failed_with_wrong_settings_is_tried_with_others()
    {
        _node.Install("1.0.0");
        _node.Broken = _node.Store.Put(FakeNode.Program("1.1.0"), out _);
        Assert.Throws<Failure>(() => _node.Installer().Install(FakeNode.Program("1.1.0"), """{ "workers": 2 }"""));
        Assert.Contains("not tried again", Assert.Throws<Failure>(() => _node.Installer().Install(FakeNode.Program("1.1.0"), """{ "workers": 2 }""")).Message, StringComparison.Ordinal);
        string second = _node.Broken;
        _node.Broken = null;

        Assert.Equal(second, _node.Install("1.1.0", """{ "workers": 3 }"""));

        Assert.Equal(second, _node.Serving);
    }

    [Theory]
    [InlineData("daemon-reload")]
    [InlineData("restart procfs.service")]
    public void What_systemd_refused_is_asked_for_again(string refused)
    {
        _node.Refuses = refused;
        Assert.Throws<Failure>(() => _node.Install("1.0.0", """{ "workers": 2 }"""));
        _node.Refuses = null;

        string version = _node.Install("1.0.0", """{ "workers": 2 }""");

        Assert.Contains(refused, _node.Calls);
        Assert.Equal(version, _node.Serving);
        _node.Install("1.0.0", """{ "workers": 2 }""");
        Assert.Empty(_node.Calls);
    }

    [Fact]
    public void A_restart_for_new_settings_that_was_refused_comes_later()
    {
        _node.Install("1.0.0", """{ "workers": 2 }""");
        _node.Refuses = "restart procfs.service";
        Assert.Throws<Failure>(() => _node.Install("1.0.0", """{ "workers": 3 }"""));
        _node.Refuses = null;
        _node.Install("1.0.0", """{ "workers": 3 }""");
        Assert.Equal(["restart procfs.service"], _node.Calls);
    }

    [Fact]
    public void Done_by_the_same_pod_again_it_reads_little_and_says_nothing()
    {
        NodeInstaller installer = _node.Installer();
        byte[] program = FakeNode.Program("1.0.0");
        string version = installer.Install(program, null);
        _node.Log.Clear();
        _node.Calls.Clear();

        Assert.Equal(version, installer.Install(program, null));

        Assert.Empty(_node.Calls);
        Assert.DoesNotContain(_node.Log, line => line.Contains("serves already", StringComparison.Ordinal));
        File.Delete(_node.Store.ProgramOf(version));
        Assert.Equal(version, installer.Install(program, null)); // made whole
        Assert.True(File.Exists(_node.Store.ProgramOf(version)));
    }

    [Fact]
    public void Settings_of_the_nodes_administrator_stay()
    {
        _node.Write(Settings, "{}");
        _node.Install("1.0.0", """{ "workers": 2 }""");
        Assert.Equal("{}", _node.Read(Settings));
        Assert.Contains(_node.Log, line => line.StartsWith("/etc/procfs/procfs.json was written by somebody else", StringComparison.Ordinal));
    }

    [Fact]
    public void A_removal_takes_an_empty_unit_for_ours_as_an_installation_does()
    {
        _node.Install("1.0.0");
        _node.Write("/etc/systemd/system/procfs.service", ""); // what a loss of power leaves
        Assert.Equal(0, Removal().Run());
        Assert.Null(_node.Read("/etc/systemd/system/procfs.service"));
        Assert.Null(_node.Read("/etc/systemd/system/multi-user.target.wants/procfs.service"));
    }

    [Fact]
    public void A_removal_leaves_nothing()
    {
        _node.Write("/etc/containerd/config.toml", "version = 2\n[plugins]\n");
        _node.Write("/etc/crio/crio.conf", "");
        _node.Engines = _node.Engines with { EditsContainerd = true };
        Dictionary<string, string> before = _node.Everything();
        _node.Install("1.0.0", """{ "workers": 2 }""");
        _node.Install("1.1.0", """{ "workers": 2 }""");
        _node.Calls.Clear();

        Assert.Equal(0, Removal().Run());

        string[] made = ["/etc/systemd", "/etc/systemd/system", "/etc/containers", "/etc/containers/oci", "/etc/containers/oci/hooks.d", "/etc/crio/crio.conf.d", "/opt", "/run"]; // directories of others
        Assert.Equal(before, _node.Everything().Where(entry => !made.Contains(entry.Key)).ToDictionary());
        Assert.Equal(["restart containerd", "restart crio", "stop procfs.service", "unmount /opt/procfs/current/procfs", "disable procfs.service", "daemon-reload", "kill procfs-keeper.service"], _node.Calls);
    }

    [Fact]
    public void A_removal_changes_nothing_while_all_pods_have_the_handler_by_default()
    {
        const string cri = "[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n";
        _node.Write("/etc/containerd/config.toml", $"version = 2\n{cri}");
        _node.Write("/etc/crio/crio.conf", "");
        _node.Engines = _node.Engines with { EditsContainerd = true };
        _node.Install("1.0.0");
        _node.Write("/etc/containerd/config.toml", _node.Read("/etc/containerd/config.toml")!.Replace(cri, cri + "default_runtime_name = \"procfs\"\n", StringComparison.Ordinal));
        Dictionary<string, string> before = _node.Everything();
        _node.Calls.Clear();

        Assert.Contains("default_runtime_name", Assert.Throws<Failure>(() => Removal().Run()).Message, StringComparison.Ordinal);

        Assert.Empty(_node.Calls);
        Assert.Equal(before, _node.Everything());
    }

    [Fact]
    public void A_removal_keeps_the_program_while_containers_need_it()
    {
        _node.Install("1.0.0");
        string bundle = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/c1";
        _node.Write(bundle + "/config.json", """{ "hooks": { "poststop": [ { "path": "/opt/procfs/current/procfs-runtime" } ] } }""");

        Assert.Equal(1, Removal().Run());
        Assert.True(File.Exists(_node.Places.On(_node.Places.Runtime)));
        Assert.Null(_node.Read(Service));

        Directory.Delete(_node.Places.On(bundle), recursive: true);
        Assert.Equal(0, Removal().Run());
        Assert.False(Directory.Exists(_node.Places.On(_node.Places.Directory)));
    }

    [Theory]
    [InlineData("/run/containerd", "runtime", "/opt/procfs/current/procfs-runtime")]
    [InlineData("/run/containerd", "options.json", """{"type_url":"containerd.runc.v1.Options","value":{"binary_name":"/opt/procfs/current/procfs-runtime"}}""")]
    [InlineData("/run/k3s/containerd", "runtime", "/opt/procfs/current/procfs-runtime")]
    [InlineData("/data/containerd", "runtime", "/opt/procfs/current/procfs-runtime")]
    public void A_removal_sees_containers_without_files_too_wherever_containerd_keeps_them(string state, string file, string text)
    {
        _node.Write("/etc/containerd/config.toml", "version = 2\nstate = \"/data/containerd/\"\n");
        _node.Install("1.0.0");
        string bundle = $"{state}/io.containerd.runtime.v2.task/k8s.io/c1";
        _node.Write(bundle + "/config.json", """{ "annotations": { "io.procfs.enable": "0" } }""");
        _node.Write($"{bundle}/{file}", text);
        Assert.Equal(1, Removal().Run());
        Assert.True(File.Exists(_node.Places.On(_node.Places.Runtime)));
    }

    [Theory]
    [InlineData("/opt/procfs/notes")]
    [InlineData("/opt/procfs/versions/notes")]
    [InlineData("/opt/procfs/versions/1.0.0-0123456789ab/core")]
    [InlineData("/opt/procfs/versions/app-1.0/bin/app")]
    public void A_removal_leaves_what_others_put_beside_the_program(string file)
    {
        string version = _node.Install("1.0.0");
        _node.Write(file, "mine");
        _node.Install("1.1.0"); // also when versions are pruned
        _node.Install("1.2.0");

        Assert.Equal(0, Removal().Run());

        Assert.Equal("mine", _node.Read(file));
        string[] left = [.. Directory.GetFiles(_node.Places.On("/opt/procfs"), "*", SearchOption.AllDirectories)];
        Assert.Equal(_node.Places.On(file), Assert.Single(left));
        Assert.False(Path.Exists(_node.Store.ProgramOf(version)));
        Assert.StartsWith("/opt/procfs stays,", _node.Log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_comes_back_beside_what_somebody_left_in_its_directory()
    {
        string first = _node.Install("1.0.0");
        string note = $"/opt/procfs/versions/{first}/note";
        _node.Write(note, "mine");
        _node.Install("1.1.0");
        _node.Install("1.2.0"); // and the first is removed
        Assert.False(File.Exists(_node.Store.ProgramOf(first)));
        Assert.Equal(first, _node.Install("1.0.0"));
        Assert.Equal((first, "mine"), (_node.Serving, _node.Read(note)));
        Assert.True(_node.Store.Has(first, FakeNode.Program("1.0.0").Length));
        Assert.Empty(Directory.GetDirectories(_node.Places.On("/opt/procfs/versions"), ".*"));
    }

    [Fact]
    public void A_removal_touches_no_directory_in_which_nothing_was_installed()
    {
        _node.Write("/var/log/syslog", "");
        _node.Write("/var/versions/app/data", "");
        Directory.CreateDirectory(_node.Places.On("/var/spool"));
        File.CreateSymbolicLink(_node.Places.On("/var/current"), "releases/5");
        NodePlaces places = _node.Places with { Directory = "/var" };
        Dictionary<string, string> before = Below(places);

        Assert.Equal(0, new NodeRemoval(places, _node, _node.Engines, _node) { Unmount = _ => { } }.Run());
        Assert.Equal(before, Below(places));

        places = places with { Directory = "/var/spool" };
        Assert.Equal(0, new NodeRemoval(places, _node, _node.Engines, _node) { Unmount = _ => { } }.Run());
        Assert.True(Directory.Exists(_node.Places.On("/var/spool")));

        static Dictionary<string, string> Below(NodePlaces places) => Directory.EnumerateFileSystemEntries(places.On(places.Directory), "*", SearchOption.AllDirectories)
            .ToDictionary(path => path, path => new FileInfo(path).LinkTarget ?? "");
    }

    [Theory]
    [InlineData("/opt/procfs/bin/app", "bin")]
    [InlineData("/opt/procfs/versions/app/data", "versions/app")]
    [InlineData("/opt/procfs/current/app", "current")]
    public void A_directory_with_things_of_others_is_refused_before_anything_comes_there(string file, string named)
    {
        _node.Write(file, "");
        Dictionary<string, string> before = _node.Everything();
        Failure failure = Assert.Throws<Failure>(() => _node.Install("1.0.0"));
        Assert.StartsWith($"/opt/procfs has {named} in it, which procfs node did not put there: give it a directory of its own", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Impossible, failure.Code);
        Assert.Empty(_node.Calls);
        Assert.Equal(before, _node.Everything());
    }

    [Fact]
    public void A_directory_that_somebody_made_or_an_interrupted_installation_left_is_not_refused()
    {
        _node.Write("/opt/procfs/versions/.new/procfs", "half");
        File.CreateSymbolicLink(_node.Places.On("/opt/procfs/current.new"), "versions/1.0.0-0123456789ab");
        string version = _node.Install("1.0.0");
        Assert.Equal(version, _node.Serving);
        _node.Write("/opt/procfs/notes", "");
        Assert.StartsWith("1.1.0-", _node.Install("1.1.0"), StringComparison.Ordinal); // an installation that is there goes on
    }

    [Theory]
    [InlineData("opt/procfs")]
    [InlineData("/")]
    [InlineData("/opt/procfs/")]
    [InlineData("/opt/../procfs")]
    [InlineData("/opt/a b")]
    [InlineData("/opt/%n")]
    [InlineData("/opt/\"x")]
    public void A_directory_that_would_need_escapes_is_refused(string directory) => Assert.NotNull(NodePlaces.Refuse(directory));

    [Theory]
    [InlineData("/opt/procfs")]
    [InlineData("/home/kubernetes/procfs-1.0_x")]
    public void Other_directories_are_not(string directory) => Assert.Null(NodePlaces.Refuse(directory));

    private NodeRemoval Removal() => new(_node.Places, _node, _node.Engines, _node)
    {
        Unmount = program => _node.Calls.Add("unmount " + program[_node.Places.Root.Length..]),
    };
}
