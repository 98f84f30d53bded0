using ProcFs.Doctor;
using ProcFs.Doctor.Checks;
using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>Which line doctor has for which containerd: by its version, its configuration, and who writes that.</summary>
public sealed class DoctorContainerdTests : IDisposable
{
    private const string Own = "/etc/containerd/config.toml";
    private const string K3s = "/var/lib/rancher/k3s/agent/etc/containerd";
    private const string OfVersion2 = "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.";
    private const string OfVersion3 = "[plugins.\"io.containerd.cri.v1.runtime\".containerd.runtimes.";

    private readonly DoctorTree _host = new();

    public DoctorContainerdTests() => _host.Install("/usr/bin/containerd");

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1", "config.toml")]
    [InlineData("containerd github.com/containerd/containerd v1.7.22 7f7fdf5fed64eb6a7caf99b3e12efcf9d60e311c", "config.toml")]
    [InlineData("containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4e490e9fbdc236c0e811ccaba3376", "config-v3.toml")]
    [InlineData(null, "config.toml")] // both read version 2
    public void Without_a_configuration_the_version_chooses_the_file(string? said, string file)
    {
        Says(said);
        string line = AssertWrites(Own, file == "config.toml" ? $"'version = 2' '{OfVersion2}runc]'" : $"'version = 3' '{OfVersion3}procfs]'");
        Assert.StartsWith($"ln -sf {OwnCommands.ProgramPath} {ContainerdTables.RuntimeBeside(OwnCommands.ProgramPath)} && ", line, StringComparison.Ordinal);
        _host.InstallPackage();
        Assert.Equal(Mend.Run($"install -D -m 644 /usr/share/procfs/hooks/containerd/{file} {Own}"), Told());
        Directory.CreateDirectory($"{_host.Host().Places.Root}/run/systemd/system");
        Assert.Equal(Mend.Run($"install -D -m 644 /usr/share/procfs/hooks/containerd/{file} {Own} && systemctl restart containerd"), Told());
    }

    [Fact]
    public void Containerd_1_gets_it_into_its_own_file_with_the_default_handler_if_that_is_missing()
    {
        Says("containerd github.com/containerd/containerd 1.6.20 x");
        _host.Write(Own, "version = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n");
        AssertAdds(Own, $"{OfVersion2}runc]", $"{OfVersion2}procfs]");
        _host.Write(Own, $"version = 2\n  {OfVersion2}runc]\n    [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]\n      SystemdCgroup = true\n");
        string line = AssertAdds(Own, $"{OfVersion2}procfs]", "SystemdCgroup = true");
        Assert.DoesNotContain("runc]", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, OfVersion3)]
    [InlineData(2, OfVersion2)] // a drop-in must not be of a higher version than the file that imports it
    public void Containerd_2_gets_a_file_where_it_imports_some(int version, string tables)
    {
        Says("containerd github.com/containerd/containerd/v2 v2.1.4 x");
        _host.Write(Own, $"version = {version}\nimports = ['/etc/containerd/conf.d/*.toml']\n");
        string line = AssertWrites("/etc/containerd/conf.d/procfs.toml", $"version = {version}", $"{tables}procfs]");
        Assert.DoesNotContain("runc]", line, StringComparison.Ordinal);
        _host.Write(Own, $"version = {version}\n");
        AssertAdds(Own, $"{tables}procfs]");
    }

    [Fact]
    public void A_file_that_is_too_old_and_one_without_pods_are_left()
    {
        _host.Write(Own, "[plugins.cri]\n");
        Assert.Equal(Mend.Do($"bring {Own} to version 2 (containerd config migrate), then ask again"), Told());
        _host.Write(Own, "disabled_plugins = [\"cri\"]\n");
        Assert.StartsWith("ok: containerd serves no pods", _host.Find(new ContainerdCheck()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("k3s", "k3s-agent.service", "k3s-agent")]
    [InlineData("k3s", "k3s.service", "k3s")]
    [InlineData("rke2", "rke2-agent.service", "rke2-agent")]
    [InlineData("rke2", "rke2-server.service", "rke2-server")]
    public void K3s_and_RKE2_get_a_file_in_the_directory_that_theirs_imports(string name, string unit, string restarted)
    {
        string directory = $"/var/lib/rancher/{name}/agent/etc/containerd";
        _host.Write($"/etc/systemd/system/{unit}", "[Service]\nExecStart=/x\n");
        Directory.CreateDirectory($"{_host.Host().Places.Root}/run/systemd/system");
        _host.Write($"{directory}/config.toml", $"version = 3\nimports = [\"{directory}/config-v3.toml.d/*.toml\"]\n{OfVersion3}runc.options]\n  SystemdCgroup = true\n");
        string line = AssertWrites($"{directory}/config-v3.toml.d/procfs.toml", "version = 3", $"{OfVersion3}procfs]", "SystemdCgroup = true");
        Assert.EndsWith($" && systemctl restart {restarted}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "config-v3.toml.tmpl", OfVersion3)]
    [InlineData(2, "config.toml.tmpl", OfVersion2)]
    public void Without_such_a_directory_they_get_a_template_on_theirs_and_not_the_file_that_they_write(int version, string template, string tables)
    {
        _host.Write($"{K3s}/config.toml", $"version = {version}\n");
        string line = AssertWrites($"{K3s}/{template}", "'{{ template \"base\" . }}'", $"{tables}procfs]");
        Assert.DoesNotContain("version = ", line, StringComparison.Ordinal); // the base has it
        Assert.DoesNotContain("runc]", line, StringComparison.Ordinal); // and this: twice would be an error
        _host.Write($"{K3s}/{template}", "{{ template \"base\" . }}\n");
        AssertAdds($"{K3s}/{template}", $"{tables}procfs]");
    }

    [Fact]
    public void K0s_and_MicroK8s_have_places_of_their_own()
    {
        _host.Write("/etc/k0s/containerd.toml", "# k0s_managed=true\nversion = 2\n");
        AssertWrites("/etc/k0s/containerd.d/procfs.toml", "version = 2", $"{OfVersion2}procfs]");
        _host.Write("/etc/k0s/containerd.d/procfs.toml", "");
        const string microK8s = "/var/snap/microk8s/current/args/containerd-template.toml";
        _host.Write(microK8s, "version = 2\n");
        string line = _host.Look(new ContainerdCheck()).Select(finding => finding.Mend!.Line).Single(line => line.Contains(microK8s, StringComparison.Ordinal));
        Assert.EndsWith($" >>{microK8s} && snap restart microk8s.daemon-containerd", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_has_gone_is_made_again_where_its_directory_is()
    {
        _host.Write(Own, "BinaryName = \"/opt/procfs/current/procfs-runtime\"\n");
        _host.Write("/opt/procfs/versions/1/procfs", "");
        _host.Link("/opt/procfs/current", "versions/1");
        Assert.Equal(Mend.Run($"ln -sf {OwnCommands.ProgramPath} /opt/procfs/current/procfs-runtime"), Told(CheckState.Bad));
    }

    [Theory]
    [InlineData("version = 2\n")]
    [InlineData("")] // a file of its own
    public void What_a_nodes_pod_wrote_is_its_own_to_mend(string before)
    {
        _host.Write(Own, ContainerdText.Parse(before).WithBlock("BinaryName = \"/opt/procfs/current/procfs-runtime\"\n"));
        Assert.Equal(EngineFiles.OfNode, Told(CheckState.Bad));
        _host.Write(Own, ContainerdText.Parse(before).WithBlock("BinaryName = \"/srv/gone/procfs-runtime\"\n")); // somebody else's, beside it
        Assert.True(Told(CheckState.Bad).IsCommand);
    }

    [Theory]
    [InlineData("/opt/procfs/current/procfs-runtime")]
    [InlineData("/usr/bin/procfs")]
    [InlineData("/usr/bin/procfs-old")]
    public void Where_no_link_can_be_made_and_where_the_name_is_none_of_a_runtime_the_file_gets_another_path(string runtime)
    {
        _host.Install("/usr/bin/procfs");
        _host.Link("/opt/procfs/current", "versions/gone"); // leads nowhere, and no directory may take its place
        _host.Write(Own, $"version = 2\nBinaryName = \"{runtime}\"\n");
        string beside = ContainerdTables.RuntimeBeside(OwnCommands.ProgramPath);
        string line = $"ln -sf {OwnCommands.ProgramPath} {beside} && {EngineFiles.Replace(Own, runtime, beside)}";
        Assert.Equal(Mend.Run(line), Told(CheckState.Bad));
        Directory.CreateDirectory($"{_host.Host().Places.Root}/run/systemd/system");
        Assert.Equal(Mend.Run($"{line} && systemctl restart containerd"), Told(CheckState.Bad));
    }

    [Fact]
    public void Of_a_template_and_what_is_made_of_it_the_template_is_mended()
    {
        _host.Write($"{K3s}/config.toml", "version = 2\nBinaryName = \"/gone/procfs-runtime\"\n");
        Assert.StartsWith($"{K3s}/config.toml has ", Assert.Single(_host.Look(new ContainerdCheck())).Text, StringComparison.Ordinal);
        _host.Write($"{K3s}/config.toml.tmpl", "BinaryName = \"/gone/procfs-runtime\"\n");
        Assert.StartsWith($"{K3s}/config.toml.tmpl has ", Assert.Single(_host.Look(new ContainerdCheck())).Text, StringComparison.Ordinal);
    }

    private void Says(string? version) => _host.Systemctl = command => command is ["containerd", "--version"] ? version : null;

    private Mend Told(CheckState state = CheckState.Note)
    {
        Finding finding = Assert.Single(_host.Look(new ContainerdCheck()));
        Assert.Equal(state, finding.State);
        return finding.Mend!;
    }

    private string AssertAdds(string file, params string[] words) => AssertLine($" >>{file}", words);

    private string AssertWrites(string file, params string[] words)
    {
        string line = AssertLine($" >{file}", words);
        Assert.Contains($"mkdir -p {Path.GetDirectoryName(file)} && ", line, StringComparison.Ordinal);
        return line;
    }

    private string AssertLine(string target, string[] words)
    {
        Mend mend = Told();
        Assert.True(mend.IsCommand, mend.Line);
        Assert.Contains(target, mend.Line, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, mend.Line, StringComparison.Ordinal));
        Assert.Contains($"'BinaryName = \"{ContainerdTables.RuntimeBeside(OwnCommands.ProgramPath)}\"'", mend.Line, StringComparison.Ordinal);
        return mend.Line;
    }
}
