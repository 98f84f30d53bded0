using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>CRI-O's hook on a node, and that the hooks of others stay.</summary>
public sealed class NodeCrioTests : IDisposable
{
    private const string Hook = "/etc/containers/oci/hooks.d/50-procfs.json";
    private const string DropIn = "/etc/crio/crio.conf.d/99-procfs.conf";
    private const string Main = "/etc/crio/crio.conf";

    private readonly FakeNode _node = new();

    public NodeCrioTests() => _node.Write(Main, "[crio.runtime]\n# hooks_dir = [ \"/no\" ]\n");

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Where_nobody_names_a_directory_CRI_Os_own_stays()
    {
        _node.Installer().SetUpEngines();

        Assert.Equal(["restart crio"], _node.Calls);
        Assert.Equal(["/usr/share/containers/oci/hooks.d", "/etc/containers/oci/hooks.d"], Directories());
        Assert.Contains("\"path\": \"/opt/procfs/current/procfs\"", _node.Read(Hook), StringComparison.Ordinal);
        _node.Calls.Clear();
        _node.Installer().SetUpEngines();
        Assert.Empty(_node.Calls);
    }

    [Fact]
    public void Directories_of_others_stay_in_their_order_and_their_changes_are_followed()
    {
        _node.Write("/etc/crio/crio.conf.d/00-default", "[crio.runtime]\nhooks_dir = [\n  \"/run/containers/oci/hooks.d\", # of a GPU\n  '/a',\n]\n");
        _node.Write("/etc/crio/crio.conf.d/05-other.conf", "[crio.runtime]\nconmon = \"/x\"\n");
        _node.Installer().SetUpEngines();
        Assert.Equal(["/run/containers/oci/hooks.d", "/a", "/etc/containers/oci/hooks.d"], Directories());

        _node.Write("/etc/crio/crio.conf.d/20-vendor.conf", "crio.runtime.hooks_dir = [\"/b\"]\n");
        _node.Calls.Clear();
        _node.Installer().SetUpEngines();
        Assert.Equal(["/b", "/etc/containers/oci/hooks.d"], Directories());
        Assert.Equal(["restart crio"], _node.Calls);
    }

    [Fact]
    public void An_empty_list_gets_our_directory_alone()
    {
        _node.Write("/etc/crio/crio.conf.d/00-default", "[crio.runtime]\nhooks_dir = []\n");
        _node.Installer().SetUpEngines();
        Assert.Equal(["/etc/containers/oci/hooks.d"], Directories());
    }

    [Fact]
    public void No_drop_in_is_written_where_the_directory_is_named_and_ours_goes_when_it_is()
    {
        _node.Installer().SetUpEngines();
        Assert.NotNull(_node.Read(DropIn));

        _node.Write("/etc/crio/crio.conf.d/00-default", "[crio.runtime]\nhooks_dir = [\"/etc/containers/oci/hooks.d/\", \"/run/containers/oci/hooks.d\"]\n");
        _node.Installer().SetUpEngines();

        Assert.Null(_node.Read(DropIn));
        Assert.NotNull(_node.Read(Hook));
        Assert.Equal(["restart crio", "restart crio"], _node.Calls);
    }

    [Theory]
    [InlineData("/etc/crio/crio.conf.d/99-z", "[crio.runtime]\nhooks_dir = [\"/a\"]\n")]
    [InlineData(DropIn, "[crio.runtime]\nhooks_dir = [\"/a\"]\n")]
    [InlineData(DropIn, "[crio.runtime]\n")]
    public void A_file_that_counts_more_than_ours_stays_and_is_named(string path, string text)
    {
        _node.Write(path, text);
        NodeInstaller installer = _node.Installer();
        installer.SetUpEngines();
        installer.SetUpEngines();

        Assert.Equal(text, _node.Read(path));
        Assert.Single(_node.Log, line => line.StartsWith($"cri-o: hooks_dir of {path} counts more", StringComparison.Ordinal));
        Assert.Contains(path, installer.Crio.Describe(out bool isReady), StringComparison.Ordinal);
        Assert.False(isReady);
    }

    [Theory]
    [InlineData("""{ "version": "1.0.0", "hook": { "path": "/opt/procfs/current/procfs", "args": ["procfs", "hook"] }, "when": { "annotations": { "^io\\.procfs\\.enable$": "^1$" } } }""")]
    [InlineData("""{ "version": "1.0.0", "hook": { "path": "/usr/bin/procfs", "args": ["procfs", "hook"] }, "when": { "always": true } }""")]
    [InlineData("""{ "hook": "x" }""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_hook_file_of_somebody_else_stays(string text)
    {
        _node.Write(Hook, text);
        NodeInstaller installer = _node.Installer();
        installer.SetUpEngines();
        installer.SetUpEngines();
        Assert.Equal(text, _node.Read(Hook));
        Assert.Null(_node.Read(DropIn));
        Assert.Single(_node.Log, line => line.StartsWith($"cri-o: {Hook} was written by somebody else", StringComparison.Ordinal));

        installer.Crio.Uninstall();
        Assert.Equal(text, _node.Read(Hook));
        Assert.Empty(_node.Calls);
    }

    [Fact]
    public void What_another_version_wrote_for_another_directory_is_replaced_and_removed()
    {
        string old = CrioHookFile.For("/home/kubernetes/procfs/current/procfs").Replace("\"timeout\": 5", "\"timeout\": 9", StringComparison.Ordinal);
        _node.Write(Hook, old);
        _node.Write(DropIn, "# Installed by procfs node.\n[crio.runtime]\nhooks_dir = [\"/x\"]\n");
        _node.Installer().SetUpEngines();
        Assert.Equal(CrioHookFile.For("/opt/procfs/current/procfs"), _node.Read(Hook));
        Assert.DoesNotContain("/x", Directories());

        _node.Write(Hook, old);
        _node.Calls.Clear();
        _node.Installer().Crio.Uninstall();
        Assert.Null(_node.Read(Hook));
        Assert.Null(_node.Read(DropIn));
        Assert.Equal(["restart crio"], _node.Calls);
    }

    [Fact]
    public void Files_that_lost_their_text_with_the_nodes_power_are_written_anew()
    {
        _node.Installer().SetUpEngines();
        _node.Write(Hook, "");
        _node.Write(DropIn, "");
        _node.Installer().SetUpEngines();
        Assert.Contains("createRuntime", _node.Read(Hook), StringComparison.Ordinal);
        Assert.Contains("/etc/containers/oci/hooks.d", Directories());
    }

    private IReadOnlyList<string> Directories() => Text.TomlText.ListOf(_node.Read(DropIn)!, "hooks_dir")!;
}
