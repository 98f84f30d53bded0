using System.Text.Json.Nodes;
using ProcFs.Doctor;
using ProcFs.Doctor.Checks;

namespace ProcFs.Tests;

/// <summary>What doctor says of engines' files.</summary>
public sealed class DoctorEngineTests : IDisposable
{
    private const string Hooks = "/usr/share/containers/oci/hooks.d";

    private readonly DoctorTree _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Where_no_engine_is_installed_nothing_is_wrong()
        => Assert.All(new ICheck[] { new PodmanCheck(), new CrioCheck(), new DockerCheck(), new ContainerdCheck(), new LxcCheck(), new NspawnCheck(), new HookJsonCheck(), new HookProgramCheck() },
            check => Assert.StartsWith("ok: ", _host.Find(check), StringComparison.Ordinal));

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{ \"version\": \"1.0.0\" }")]
    [InlineData("{ \"hook\": { \"path\": 1 } }")]
    [InlineData("{ \"hook\": { \"path\": \"\\ud800\" } }")]
    [InlineData("")]
    public void A_hook_file_that_is_none(string text)
    {
        _host.Write($"{Hooks}/x.json", text);
        Finding finding = Assert.Single(_host.Look(new HookJsonCheck()));
        Assert.Equal((CheckState.Bad, Mend.Run($"mv {Hooks}/x.json {Hooks}/x.json.broken")), (finding.State, finding.Mend));
    }

    [Fact]
    public void A_hook_file_that_is_shipped_is_right_and_its_program_is_looked_for()
    {
        _host.Install("/usr/bin/podman");
        _host.Write($"{Hooks}/50-procfs.json", Shipped("oci/50-procfs.json"));
        Assert.StartsWith("ok: ", _host.Find(new HookJsonCheck()), StringComparison.Ordinal);
        Assert.StartsWith($"bad: {Hooks}/50-procfs.json runs /usr/bin/procfs, which is not there: podman and CRI-O pass it over without a word", _host.Find(new HookProgramCheck()), StringComparison.Ordinal);
        _host.Write("/usr/bin/procfs", "half of it");
        Assert.StartsWith($"bad: {Hooks}/50-procfs.json runs /usr/bin/procfs, which is no program: podman and CRI-O start no container", _host.Find(new HookProgramCheck()), StringComparison.Ordinal);
        _host.Install("/usr/bin/procfs");
        Assert.StartsWith("ok: ", _host.Find(new HookProgramCheck()), StringComparison.Ordinal);
        Assert.Equal($"ok: podman runs our hook ({Hooks}/50-procfs.json)", _host.Find(new PodmanCheck()));
        _host.Write($"{Hooks}/50-procfs-opt-in.json", Shipped("oci/50-procfs-opt-in.json"));
        Assert.StartsWith("note: podman runs our hook 2 times", _host.Find(new PodmanCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_none()
    {
        _host.Install("/usr/bin/podman");
        _host.Link($"{Hooks}/50-procfs.json", "/usr/share/procfs/hooks.d/50-procfs.json");
        Finding finding = Assert.Single(_host.Look(new HookJsonCheck()));
        Assert.Equal((CheckState.Warning, Mend.Run($"rm {Hooks}/50-procfs.json")), (finding.State, finding.Mend));
        Assert.StartsWith("ok: ", _host.Find(new HookProgramCheck()), StringComparison.Ordinal);
        Assert.StartsWith("note: /usr/bin/podman is here, and has no hook of ours", _host.Find(new PodmanCheck()), StringComparison.Ordinal);
        // With the package the link is right.
        _host.InstallPackage();
        Assert.StartsWith("ok: ", _host.Find(new HookJsonCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hook_that_is_never_run()
    {
        _host.Install("/usr/bin/procfs");
        _host.Write($"{Hooks}/50-procfs.json", Shipped("oci/50-procfs.json").Replace("createRuntime", "startContainer", StringComparison.Ordinal));
        Assert.StartsWith($"warning: {Hooks}/50-procfs.json is run at none of the stages", _host.Find(new HookProgramCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_hooks_that_is_configured_is_the_one()
    {
        _host.Install("/usr/bin/podman");
        _host.Write("/etc/containers/containers.conf", "[engine]\n# hooks_dir = [\"/no\"]\nhooks_dir = [\n  '/a', # \"/b\"\n  \"/c\",\n]\n");
        Assert.Equal(["/a", "/c"], OciHooks.PodmanDirectories(_host.Host().Files));
        _host.Write("/etc/containers/containers.conf.d/9.conf", "hooks_dir = [\"/d\"]\n");
        Assert.Equal(["/d"], OciHooks.PodmanDirectories(_host.Host().Files));
        Assert.EndsWith("has no hook of ours in /d: its containers get no files", _host.Find(new PodmanCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hook_file_of_procfs_node_is_for_its_pod_to_mend()
    {
        _host.Write($"{Hooks}/50-procfs.json", Node.CrioHookFile.For("/opt/procfs/current/procfs"));
        Finding finding = Assert.Single(_host.Look(new HookProgramCheck()));
        Assert.Equal(CheckState.Bad, finding.State);
        Assert.StartsWith("it is procfs node's: the pod of this node writes file and program anew", finding.Mend!.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void CRI_Os_directory_of_hooks_is_said_in_files_of_any_name()
    {
        _host.Install("/usr/bin/crio");
        Assert.Equal([OciHooks.Default], OciHooks.CrioDirectories(_host.Host().Files));
        _host.Write("/etc/crio/crio.conf.d/00-default", "[crio.runtime]\nhooks_dir = [\"/a\"]\n");
        Assert.Equal(["/a"], OciHooks.CrioDirectories(_host.Host().Files));
        _host.Write("/etc/crio/crio.conf.d/99-none", "[crio.runtime]\nhooks_dir = []\n");
        Assert.Empty(OciHooks.CrioDirectories(_host.Host().Files));
    }

    [Theory]
    [InlineData(null, "note: /usr/bin/dockerd is here, and has no runtime of ours")]
    [InlineData("{}", "note: /usr/bin/dockerd is here, and has no runtime of ours")]
    [InlineData("[]", "bad: /etc/docker/daemon.json is no JSON object")]
    [InlineData("{ \"runtimes\": 1 }", "note: ")]
    [InlineData("{ \"runtimes\": { \"x\": 1, \"y\": { \"path\": 2 } } }", "note: ")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/gone/procfs\", \"runtimeArgs\": [\"runtime\"] } } }", "bad: /etc/docker/daemon.json has the runtime \"p\" with /gone/procfs, which is no program")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/gone/procfs-runtime\" } } }", "bad: /etc/docker/daemon.json has the runtime \"p\" with /gone/procfs-runtime, which is no program")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/usr/bin/procfs-runtime\" } } }", "ok: docker starts containers by \"p\"")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"procfs-runtime\" } } }", "ok: docker starts containers by \"p\"")] // docker looks in the PATH
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/usr/bin/procfs\" } } }", "bad: /etc/docker/daemon.json has the runtime \"p\" with /usr/bin/procfs, which is no runtime without \"runtime\"")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/usr/bin/procfs\", \"runtimeArgs\": [\"--enable-lxcfs\", \"runtime\"] } } }", "bad: /etc/docker/daemon.json has the runtime \"p\" with /usr/bin/procfs, which is no runtime without \"runtime\"")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/usr/bin/procfs-runtime\", \"runtimeArgs\": [\"runtime\"] } } }", "bad: /etc/docker/daemon.json has the runtime \"p\" with /usr/bin/procfs-runtime, which is a runtime by its name, and is told so again")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/usr/bin/procfs\", \"runtimeArgs\": [\"runtime\"] } } }", "warning: the runtime \"p\" in /etc/docker/daemon.json is not switched on")]
    [InlineData("{ \"runtimes\": { \"p\": { \"path\": \"/usr/bin/procfs\", \"runtimeArgs\": [\"runtime\", \"--enable-lxcfs=annotation\"] } } }", "ok: docker starts containers by \"p\" that ask for it (--runtime=p)")]
    [InlineData("{ \"default-runtime\": \"p\", \"runtimes\": { \"p\": { \"path\": \"/usr/bin/procfs\", \"runtimeArgs\": [\"runtime\", \"--enable-lxcfs\"] } } }", "ok: docker starts every container by \"p\"")]
    public void Docker(string? text, string expected)
    {
        _host.Install("/usr/bin/dockerd");
        _host.Install("/usr/bin/procfs");
        _host.Link("/usr/bin/procfs-runtime", "procfs");
        if (text is not null)
        {
            _host.Write("/etc/docker/daemon.json", text);
        }

        Assert.StartsWith(expected, _host.Find(new DockerCheck()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/gone/procfs", "[\"runtime\", \"--enable-lxcfs\"]", false)]
    [InlineData("/gone/procfs-runtime", "[]", true)]
    [InlineData("/gone/procfs", "[]", true)]
    [InlineData("/gone/procfs-runtime", "[\"runtime\", \"--enable-lxcfs\"]", false)]
    [InlineData("/usr/bin/procfs", "[]", true)]
    [InlineData("/usr/bin/procfs-runtime", "[\"runtime\", \"--enable-lxcfs\"]", false)]
    public void Dockers_runtime_gets_a_program_that_is_one_with_the_arguments_that_are_there(string path, string arguments, bool isByName)
    {
        _host.Install("/usr/bin/dockerd");
        _host.Install("/usr/bin/procfs");
        _host.Link("/usr/bin/procfs-runtime", "procfs");
        _host.Write("/etc/docker/daemon.json", $$"""{ "runtimes": { "procfs": { "path": "{{path}}", "runtimeArgs": {{arguments}} } } }""");
        Finding finding = Assert.Single(_host.Look(new DockerCheck()));
        string program = OwnCommands.ProgramPath, byName = Path.GetDirectoryName(program) + "/procfs-runtime";
        Assert.Equal((CheckState.Bad, Mend.Run(isByName ? $"ln -sf {program} {byName} && {EngineFiles.Replace("/etc/docker/daemon.json", path, byName)}" : EngineFiles.Replace("/etc/docker/daemon.json", path, program))), (finding.State, finding.Mend));
    }

    [Theory]
    [InlineData("\"/gone/procfs\"", "set \"path\": ")] // another runtime has it, with arguments
    [InlineData("\"procfs-gone\", \"runtimeArgs\": [\"runtime\"]", "write ")] // it may be the name of something else, too
    [InlineData("\"\\/lost\\/procfs-runtime\"", "write ")] // what is written otherwise no pattern finds
    public void A_line_that_would_change_more_or_nothing_is_words(string path, string words)
    {
        _host.Install("/usr/bin/dockerd");
        _host.Write("/etc/docker/daemon.json", $$"""{ "runtimes": { "x": { "path": {{path}} }, "y": { "path": "/gone/procfs", "runtimeArgs": ["runtime"] } } }""");
        Finding finding = _host.Look(new DockerCheck())[0];
        Assert.Contains("the runtime \"x\"", finding.Text, StringComparison.Ordinal);
        Assert.False(finding.Mend!.IsCommand);
        Assert.StartsWith(words, finding.Mend.Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/gone/procfs", "[\"procfs\", \"hook\"]", "runs /gone/procfs, which is not there", "procfs")]
    [InlineData("/gone/procfs-hook", "[]", "runs /gone/procfs-hook, which is not there", "procfs-hook")]
    [InlineData("/gone/procfs", "[]", "runs /gone/procfs, which is not there", "procfs-hook")]
    [InlineData("/gone/procfs", "[\"procfs-hook\", \"--strict\"]", "runs /gone/procfs, which is not there", "procfs")]
    [InlineData("/gone/procfs", "[\"procfs\"]", "runs /gone/procfs, which is not there", null)]
    [InlineData("/usr/bin/procfs", "[]", "runs /usr/bin/procfs, which is no hook as it is called (\"args\" decides): podman and CRI-O start no container", "procfs-hook")]
    [InlineData("/usr/bin/procfs", "[\"procfs\"]", "runs /usr/bin/procfs, which is no hook as it is called", null)]
    [InlineData("/usr/bin/procfs-hook", "[\"procfs\", \"--strict\"]", "runs /usr/bin/procfs-hook, which is no hook as it is called", null)]
    [InlineData("/usr/bin/procfs-hook", "[\"procfs-hook\", \"hook\"]", "runs /usr/bin/procfs-hook, which is a hook by its name, and is told so again: no container gets its files", null)]
    [InlineData("/usr/bin/procfs-hook", "[]", null, null)]
    [InlineData("/usr/bin/procfs-hook", "[\"procfs-hook\", \"--strict\"]", null, null)]
    [InlineData("/usr/bin/procfs-hook", "[\"procfs\", \"hook\"]", null, null)] // its first argument is its name
    public void A_hook_gets_a_program_that_is_one_with_the_arguments_that_are_there(string path, string arguments, string? problem, string? name)
    {
        const string file = $"{Hooks}/50-procfs.json";
        _host.Install("/usr/bin/procfs");
        _host.Link("/usr/bin/procfs-hook", "procfs");
        _host.Write(file, $$"""{ "version": "1.0.0", "hook": { "path": "{{path}}", "args": {{arguments}} }, "when": { "always": true }, "stages": ["createRuntime"] }""");
        Finding finding = Assert.Single(_host.Look(new HookProgramCheck()));
        Assert.Equal(problem is null ? CheckState.Ok : CheckState.Bad, finding.State);
        Assert.StartsWith(problem is null ? "" : $"{file} {problem}", finding.Text, StringComparison.Ordinal);
        string program = OwnCommands.ProgramPath, byName = Path.GetDirectoryName(program) + "/procfs-hook";
        Assert.Equal(
            problem is null ? null
                : name == "procfs" ? Mend.Run(EngineFiles.Replace(file, path, program))
                : name is not null ? Mend.Run($"ln -sf {program} {byName} && {EngineFiles.Replace(file, path, byName)}")
                : Mend.Do($"set \"path\": \"{program}\" and \"args\": [\"procfs\", \"hook\"] in it"),
            finding.Mend);
    }

    [Fact]
    public void A_line_for_a_file_that_is_there_does_not_overwrite_it()
    {
        _host.Install("/usr/bin/dockerd");
        _host.InstallPackage();
        Assert.Equal(Mend.Run("install -D -m 644 /usr/share/procfs/hooks/docker/daemon.json /etc/docker/daemon.json"), Assert.Single(_host.Look(new DockerCheck())).Mend);
        _host.Write("/etc/docker/daemon.json", "{ \"log-level\": \"warn\" }");
        Assert.Equal(Mend.Do("put what /usr/share/procfs/hooks/docker/daemon.json has into /etc/docker/daemon.json, which is there already"), Assert.Single(_host.Look(new DockerCheck())).Mend);
    }

    [Theory]
    [InlineData("/etc/containerd/config.toml")]
    [InlineData("/var/lib/rancher/k3s/agent/etc/containerd/config.toml")]
    [InlineData("/var/lib/rancher/rke2/agent/etc/containerd/config.toml.tmpl")]
    [InlineData("/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.d/procfs.toml")]
    [InlineData("/etc/containerd/conf.d/procfs.toml")]
    [InlineData("/etc/k0s/containerd.d/procfs.toml")]
    public void Containerd(string file)
    {
        _host.Install("/usr/bin/containerd");
        _host.Write(file, "version = 2\n");
        Assert.Contains(" is here, and has no runtime of ours", _host.Find(new ContainerdCheck()), StringComparison.Ordinal);
        _host.Write(file, Shipped("containerd/config.toml"));
        Assert.StartsWith($"bad: {file} has a runtime with /usr/bin/procfs-runtime, which is no program", _host.Find(new ContainerdCheck()), StringComparison.Ordinal);
        _host.Install("/usr/bin/procfs");
        _host.Link("/usr/bin/procfs-runtime", "procfs");
        Assert.Equal($"ok: containerd has a runtime of ours ({file})", _host.Find(new ContainerdCheck()));
        _host.Write(file, Shipped("containerd/config.toml").Replace("procfs-runtime", "procfs", StringComparison.Ordinal));
        Assert.Equal($"bad: {file} has a runtime with /usr/bin/procfs, which is a runtime only under the name procfs-runtime: its containers do not start", _host.Find(new ContainerdCheck()));
    }

    [Fact]
    public void Lxc()
    {
        const string file = "/usr/share/lxc/config/common.conf.d/20-procfs.conf";
        _host.Install("/usr/bin/lxc-start");
        Assert.StartsWith("note: ", _host.Find(new LxcCheck()), StringComparison.Ordinal);
        _host.Write(file, Shipped("lxc/20-procfs.conf"));
        Assert.StartsWith($"bad: {file} runs /usr/bin/procfs, which is no program: LXC starts no container", _host.Find(new LxcCheck()), StringComparison.Ordinal);
        _host.Install("/usr/bin/procfs");
        Assert.StartsWith("ok: ", _host.Find(new LxcCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_file_is_where_the_package_puts_it_and_the_line_without_the_package_says_the_same()
    {
        _host.InstallPackage();
        Assert.All(EngineFile.All, file =>
        {
            string text = _host.Host().Files.Read(EngineFiles.Shipped(_host.Host(), file) ?? throw new InvalidOperationException($"the package has no {file.Name}"))!;
            IReadOnlyList<string> lines = file.Lines("/usr/bin/procfs");
            if (file.Name.EndsWith(".json", StringComparison.Ordinal))
            {
                Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), JsonNode.Parse(string.Join('\n', lines))), $"{file.Name} is another text");
            }
            else
            {
                Assert.Equal(text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'), lines);
            }
        });
    }

    [Fact]
    public void Without_the_package_a_line_has_the_text_in_it_and_names_the_program_that_runs()
    {
        string program = OwnCommands.ProgramPath;
        _host.Install("/usr/bin/dockerd");
        _host.Install("/usr/bin/lxc-start");
        Assert.Equal(Mend.Run($"mkdir -p /etc/docker && printf '%s\\n' '{{ \"runtimes\": {{ \"procfs\": {{ \"path\": \"{program}\", \"runtimeArgs\": [\"runtime\", \"--enable-lxcfs\"] }} }} }}' >/etc/docker/daemon.json"),
            Assert.Single(_host.Look(new DockerCheck())).Mend);
        _host.Write("/etc/docker/daemon.json", "{}");
        Assert.Equal(Mend.Do($"put {{ \"runtimes\": {{ \"procfs\": {{ \"path\": \"{program}\", \"runtimeArgs\": [\"runtime\", \"--enable-lxcfs\"] }} }} }} into /etc/docker/daemon.json, which is there already"),
            Assert.Single(_host.Look(new DockerCheck())).Mend);
        Assert.Equal(Mend.Run($"mkdir -p /usr/share/lxc/config/common.conf.d && printf '%s\\n' 'lxc.hook.start-host = {program} hook lxc' 'lxc.hook.post-stop = {program} hook lxc' >/usr/share/lxc/config/common.conf.d/20-procfs.conf"),
            Assert.Single(_host.Look(new LxcCheck())).Mend);
    }

    [Theory]
    [InlineData("engine_files")]
    [InlineData("machine_files")]
    public void A_removal_looks_where_doctor_looks(string list)
    {
        string script = File.ReadAllText(Path.Combine(Fixtures.Repository, "packaging/functions.sh"));
        string[] inScript = script.Split($"{list}='\n")[1].Split("\n'")[0].Split('\n');
        Assert.Equal((list == "engine_files" ? EngineFiles.Patterns : NspawnCheck.Directories.Select(directory => $"{directory}/*.nspawn")).Order(StringComparer.Ordinal), inScript.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Words_for_a_shell_are_quoted()
    {
        Assert.Equal("/usr/bin/procfs", ShellWord.Quote("/usr/bin/procfs"));
        Assert.Equal("'a b' 'it'\\''s' ''", ShellWord.Join(["a b", "it's", ""]));
    }

    [Fact]
    public void A_path_is_replaced_where_it_is_whole_and_nowhere_else()
    {
        const string old = "/a.b+(1)/procfs", text = $$"""
            { "p": { "path": "{{old}}", "runtimeArgs": ["runtime"] }, "q": {"path":"{{old}}-runtime"}, "r": ["/host{{old}}", "/aXb+(1)/procfs", "{{old}}/x"] }
            lxc.hook.start-host = {{old}} hook lxc
            {{old}}
            """;
        string file = _host.Host().Places.Root + "/f";
        _host.Write("/f", text);
        using System.Diagnostics.Process sh = System.Diagnostics.Process.Start("/bin/sh", ["-c", EngineFiles.Replace(file, old, "/usr/b&n/procfs")]);
        Assert.True(sh.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, sh.ExitCode);
        Assert.Equal("""
            { "p": { "path": "/usr/b&n/procfs", "runtimeArgs": ["runtime"] }, "q": {"path":"/a.b+(1)/procfs-runtime"}, "r": ["/host/a.b+(1)/procfs", "/aXb+(1)/procfs", "/a.b+(1)/procfs/x"] }
            lxc.hook.start-host = /usr/b&n/procfs hook lxc
            /usr/b&n/procfs
            """, File.ReadAllText(file));
    }

    private static string Shipped(string file) => File.ReadAllText(Path.Combine(Fixtures.Repository, "hooks", file));
}
