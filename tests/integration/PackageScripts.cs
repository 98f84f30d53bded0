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

        Output said = stage.Run("sh", "-euc", ". \"$1\"; remove_hooks", "sh", $"{Daemon.Repository}/packaging/functions.sh");
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
}
