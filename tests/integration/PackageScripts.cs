using ProcFs.Integration.Tests.Engines;

namespace ProcFs.Integration.Tests;

/// <summary>What the packages' scripts say before they take the program away, on a stage. The whole of it on a machine: PackagesOnAMachine.</summary>
public sealed class PackageScripts(ServedTree tree)
{
    private const string Program = "\"/usr/bin/procfs-runtime\"";

    private static readonly (string Path, string Text)[] Told =
    [
        ("/etc/docker/daemon.json", "{ \"runtimes\": { \"x\": { \"path\": \"/usr/bin/procfs\" } } }"),
        ("/etc/containerd/conf.d/procfs.toml", $"BinaryName = {Program}"),
        ("/etc/k0s/containerd.d/own.toml", $"BinaryName = {Program}"),
        ("/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.tmpl", $"{{{{ template \"base\" . }}}}\nBinaryName = {Program}"),
        ("/var/lib/rancher/rke2/agent/etc/containerd/config-v3.toml.d/procfs.toml", $"BinaryName = {Program}"),
        ("/etc/containers/oci/hooks.d/99-own.json", "{ \"hook\": { \"path\": \"/usr/bin/procfs\" } }"),
        ("/usr/share/lxc/config/common.conf.d/99-own.conf", "lxc.hook.start-host = /usr/bin/procfs hook lxc"),
    ];

    private static readonly string[] NotTold = ["/etc/containerd/config.toml", "/etc/containerd/conf.d/other.toml", "/etc/systemd/nspawn/other.nspawn"];

    private static readonly string[] TakenAway = ["/usr/share/containers/oci/hooks.d/50-procfs.json", "/usr/share/lxc/config/common.conf.d/20-procfs.conf"];

    [Fact]
    public void A_removal_takes_our_hooks_away_and_names_each_file_that_still_needs_the_program()
    {
        using Stage stage = new(tree);
        foreach ((string path, string text) in Told)
        {
            stage.Write(path, text + "\n");
        }

        foreach (string path in NotTold)
        {
            stage.Write(path, "# nothing of /var/lib/procfs/proc here\n");
        }

        foreach (string path in TakenAway)
        {
            stage.Run("mkdir", "-p", Path.GetDirectoryName(path)!).Ok();
            stage.Run("ln", "-s", "/usr/share/procfs/x", path).Ok();
        }

        stage.Write("/etc/systemd/nspawn/box.nspawn", File.ReadAllText($"{Daemon.Repository}/hooks/nspawn/procfs.nspawn"));

        Output said = Functions(stage, "remove_hooks");
        Assert.Equal(0, said.ExitCode);
        string[] expected =
        [
            .. TakenAway.Select(path => $"procfs: took the hook {path} away"),
            .. Told.Select(told => $"procfs: {told.Path} still names /usr/bin/procfs: take it out and reload the engine, whose containers may not start or end without it"),
            "procfs: /etc/systemd/nspawn/box.nspawn still binds files of /var/lib/procfs: systemd-nspawn will not start that machine; take these lines out",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), ProcText.Lines(said.Error).Order(StringComparer.Ordinal));
        Assert.All(TakenAway, path => Assert.NotEqual(0, stage.Run("test", "-L", path).ExitCode));
        Assert.All(Told, told => stage.Run("test", "-f", told.Path).Ok());
    }
    [Fact]
    public void What_procfs_node_has_installed_is_left_alone()
    {
        using Stage stage = new(tree);
        const string Hook = "/etc/containers/oci/hooks.d/50-procfs.json", Unit = "/etc/systemd/system/procfs.service";
        stage.Write(Unit, "# Installed by procfs node, which writes it anew: change it by a drop-in (systemctl edit).\n[Service]\nExecStart=/opt/procfs/current/procfs serve\n");
        stage.Write(Hook, "{ \"hook\": { \"path\": \"/opt/procfs/current/procfs\" } }\n");
        stage.Write("/run/procfs/registry", "a state\n");
        foreach (string step in new[] { "serve_with false", "stop_for_good", "end_keeper", "remove_state" })
        {
            Output said = Functions(stage, step);
            Assert.Equal(0, said.ExitCode);
            Assert.Equal(step is "serve_with false" or "stop_for_good", said.Error.Contains("installed by procfs node", StringComparison.Ordinal));
        }

        Assert.All([Unit, Hook, "/run/procfs/registry"], path => stage.Run("test", "-f", path).Ok());

        // Where its pod is the supervisor, without systemd, there is no unit.
        stage.Run("rm", Unit).Ok();
        Assert.Equal("served by the package", Functions(stage, "is_nodes || echo served by the package").Line());
        stage.Write("/run/procfs/node.lock", ""); // of an installation that was refused, or is over
        Assert.Equal("served by the package", Functions(stage, "is_nodes || echo served by the package").Line());
        const string versions = "node_program=/run/node/current; ln -sfn versions/1.0.0-0123456789ab $node_program; ";
        Assert.Equal("served by a node's", Functions(stage, "mkdir -p /run/node; " + versions + "is_nodes && echo \"served by a node's\"; rm $node_program").Line());
        const string pod = "mkdir -p /run/node/versions/1.0.0-0123456789ab && cp \"$(command -v sleep)\" /run/node/versions/1.0.0-0123456789ab/procfs && /run/node/versions/1.0.0-0123456789ab/procfs 60 & ";
        Assert.Equal("served by a node's", Functions(stage, pod + "daemon=$!; n=0; until is_nodes || [ $n = 100 ]; do sleep 0.1; n=$((n + 1)); done; is_nodes && echo \"served by a node's\"; kill $daemon").Line());
    }

    [Fact]
    public void Units_by_hand_are_named_at_the_installation_and_set_aside_when_their_program_goes()
    {
        using Stage stage = new(tree);
        string[] units = ["/etc/systemd/system/procfs.service", "/etc/systemd/system/procfs-keeper.service"];
        foreach (string unit in units)
        {
            stage.Write(unit, File.ReadAllText($"{Daemon.Repository}/systemd/{Path.GetFileName(unit)}"));
        }

        stage.Run("mkdir", "-p", "/run/systemd/system").Ok(); // as where systemd runs
        Output installed = Functions(stage, "systemctl() { :; }; serve_with true");
        Assert.All(units, unit => Assert.Contains($"procfs: {unit} counts, which is not the package's", installed.Error, StringComparison.Ordinal));

        Output removed = Functions(stage, "systemctl() { :; }; end_keeper");
        Assert.Equal(0, removed.ExitCode);
        Assert.Equal(units.Select(unit => $"procfs: {unit} runs /usr/bin/procfs, which is gone: it is {unit}.unused now"), ProcText.Lines(removed.Error));
        Assert.All(units, unit => Assert.NotEqual(0, stage.Run("test", "-e", unit).ExitCode));
        Assert.All(units, unit => stage.Run("test", "-f", unit + ".unused").Ok());
        stage.Write(units[0], "[Service]\nExecStart=/usr/local/bin/procfs serve\n");
        Assert.Equal("", Functions(stage, "systemctl() { :; }; end_keeper").Error); // another program's

        // What an administrator had in the first one is not lost by the second; and whoever installs it again hears of it.
        stage.Write(units[0], "[Service]\nExecStart=/usr/bin/procfs serve --second\n");
        Functions(stage, "systemctl() { :; }; end_keeper").Ok();
        stage.Run("grep", "-q", "second", units[0] + ".unused").Ok();
        stage.Run("test", "-f", units[0] + ".unused.~1~").Ok();
        Assert.Contains($"procfs: {units[0]}.unused was set aside", Functions(stage, "systemctl() { :; }; serve_with true").Error, StringComparison.Ordinal);
    }

    private static Output Functions(Stage stage, string step) => stage.Run("sh", "-euc", $". \"$1\"; {step}", "sh", $"{Daemon.Repository}/packaging/functions.sh");
}
