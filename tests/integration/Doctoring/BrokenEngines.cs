using ProcFs.Integration.Tests.Engines;

namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>Files of engines that are broken, old or missing: named by doctor, and mended by what it says. On a stage, at their default paths.</summary>
[Trait("run", "long")]
public sealed class BrokenEngines(ServedTree tree)
{
    private const string Hooks = "/usr/share/containers/oci/hooks.d";

    [Fact]
    public void Are_named_and_mended()
    {
        using Stage stage = new(tree);
        Doctor doctor = new(tree.NewDirectory("doctor"), stage.Inside, []);
        Assert.Equal(1, doctor.LookFor(exitCode: 1).ExitCode); // nobody serves on it
        foreach (string program in new[] { "podman", "crio", "dockerd", "containerd", "lxc-start", "systemd-nspawn", "criu", "needrestart" })
        {
            // What is not installed is, for doctor, by a program of that name.
            stage.Run("sh", "-c", "command -v \"$1\" >/dev/null || ln -s /bin/true /usr/bin/\"$1\"", "sh", program).Ok();
        }

        SetUpWithoutThePackage(stage);
        SetUpByThePackage(stage, doctor);
        Hook(stage, doctor);
        Docker(stage, doctor);
        Containerd(stage, doctor);
        ByName(stage);
        Lxc(stage, doctor);

        doctor.Look().Expect("criu", "note", "makes no checkpoint");
        stage.Run("rm", "-rf", "/etc/needrestart/conf.d/procfs.conf").Ok();
        doctor.Mend("needrestart", "note", "may restart the daemon");
        Assert.NotNull(doctor.Look().Expect("nspawn", "bad", "box bind files of /var/lib/procfs, which nobody serves").Command);
    }

    /// <summary>A node of a DaemonSet has the program somewhere else, and none of the package's files: the lines have all in them.</summary>
    private void SetUpWithoutThePackage(Stage stage)
    {
        const string program = "/usr/local/lib/procfs/procfs";
        stage.Run("install", "-D", "-m", "755", "/usr/bin/procfs", program).Ok();
        Doctor doctor = new(tree.NewDirectory("doctor"), stage.Inside, []) { Program = program };
        SetUp(stage, doctor, line => Assert.Contains(program, line, StringComparison.Ordinal));
        AssertContainerdHasBoth(stage, program + "-runtime");

        // Beside what somebody has in it already.
        stage.Write("/etc/containerd/config.toml", "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".cni]\n  bin_dir = \"/usr/lib/cni\"");
        doctor.Mend("containerd", "note", "has no runtime of ours");
        AssertContainerdHasBoth(stage, program + "-runtime");
        Assert.Contains("/usr/lib/cni", File.ReadAllText(stage.PathOf("/etc/containerd/config.toml")), StringComparison.Ordinal);
        stage.Run("rm", "-r", "/etc/containerd", Path.GetDirectoryName(program)!).Ok();
    }

    private static void SetUpByThePackage(Stage stage, Doctor doctor)
    {
        Child.Run($"{Daemon.Repository}/packaging/share", stage.PathOf("/usr/share/procfs")).Ok();
        stage.Run("ln", "-sf", "procfs", "/usr/bin/procfs-runtime").Ok();
        SetUp(stage, doctor, line => Assert.Contains("install -D -m 644 /usr/share/procfs/", line, StringComparison.Ordinal));
        AssertContainerdHasBoth(stage, "/usr/bin/procfs-runtime");
    }

    private static void SetUp(Stage stage, Doctor doctor, Action<string> check)
    {
        const string prefix = "for each that is to have them, with its name for MACHINE: ";
        stage.Run("rm", "-rf", Hooks, "/etc/containers/containers.conf", "/etc/containers/containers.conf.d", "/etc/crio", "/etc/docker", "/etc/containerd", "/etc/systemd/nspawn").Ok();
        stage.Run("sh", "-c", "rm -f /usr/share/lxc/config/common.conf.d/*procfs*").Ok();
        foreach (string engine in new[] { "podman", "docker", "containerd", "lxc" })
        {
            check(doctor.Mend(engine, "note", "no ").Of(engine)[0].Command!);
        }

        string advice = doctor.Look().Expect("nspawn", "note", "no machine binds files").Advice!;
        Assert.StartsWith(prefix, advice, StringComparison.Ordinal);
        doctor.Do(advice[prefix.Length..].Replace("MACHINE", "box", StringComparison.Ordinal));
        doctor.Look().Expect("nspawn", "bad", "box bind files of /var/lib/procfs, which nobody serves");
    }

    private static void AssertContainerdHasBoth(Stage stage, string runtime)
    {
        if (!stage.Run("containerd", "--version").Out.StartsWith("containerd ", StringComparison.Ordinal))
        {
            return; // not installed: it is a link to true here
        }

        string read = stage.Run("containerd", "config", "dump").Ok();
        Assert.Matches(@"(?m)\.containerd\.runtimes\.procfs\]$", read);
        Assert.Matches(@"(?m)\.containerd\.runtimes\.runc\]$", read);
        Assert.Matches($"BinaryName = ['\"]{runtime}['\"]", read);
    }

    private static void Hook(Stage stage, Doctor doctor)
    {
        stage.Run("rm", "-rf", Hooks, "/etc/containers/containers.conf", "/etc/containers/containers.conf.d", "/etc/crio").Ok();
        doctor.Mend("podman", "note", $"has no hook of ours in {Hooks}");
        doctor.Look().ExpectOk("crio");

        stage.Write($"{Hooks}/50-procfs.json", "{ \"version\": \"1.0.0\",");
        Diagnosis broken = doctor.Look();
        doctor.Do(broken.Expect("hooks.json", "bad", $"{Hooks}/50-procfs.json is not JSON, at line 1: podman and CRI-O start no container at all"));
        doctor.Look().ExpectOk("hooks.json");
        doctor.Look().ExpectOk("podman");

        stage.Write($"{Hooks}/10-somebodys.json", "nonsense");
        doctor.Mend("hooks.json", "bad", $"{Hooks}/10-somebodys.json is not JSON");
        Assert.Equal("nonsense", File.ReadAllText(stage.PathOf($"{Hooks}/10-somebodys.json.broken")));

        stage.Run("sed", "-i", "s#/usr/bin/procfs#/opt/old.version/procfs#", $"{Hooks}/50-procfs.json").Ok();
        doctor.Mend("hooks.program", "bad", $"{Hooks}/50-procfs.json runs /opt/old.version/procfs, which is not there");
        Assert.Contains($"\"{Daemon.Binary}\"", File.ReadAllText(stage.PathOf($"{Hooks}/50-procfs.json")), StringComparison.Ordinal);

        stage.Write("/etc/containers/containers.conf", "[engine]\nhooks_dir = [ # ours\n  \"/etc/my-hooks\",\n]\n");
        doctor.Mend("podman", "note", "has no hook of ours in /etc/my-hooks");
    }

    private static void Docker(Stage stage, Doctor doctor)
    {
        const string file = "/etc/docker/daemon.json";
        stage.Run("rm", "-f", file).Ok();
        doctor.Mend("docker", "note", "has no runtime of ours");

        stage.Run("sed", "-i", "s#/usr/bin/procfs#/opt/old/procfs#", file).Ok();
        doctor.Mend("docker", "bad", "with /opt/old/procfs, which is no program: its containers do not start");

        stage.Write(file, "{ \"runtimes\": ");
        doctor.Do(doctor.Look().Expect("docker", "bad", $"{file} is not JSON, at line 1: docker does not start with it"));
        doctor.Look().Expect("docker", "note", "has no runtime of ours");

        stage.Write(file, "{ \"default-runtime\": \"procfs\" }");
        string advice = doctor.Look().Expect("docker", "bad", "has the default runtime \"procfs\", and no such runtime").Advice!;
        // As it says: add what it has between "add" and "to it".
        string added = advice["add ".Length..advice.IndexOf(" to it", StringComparison.Ordinal)];
        stage.Write(file, $"{{ \"default-runtime\": \"procfs\", {added} }}");
        doctor.Look().ExpectOk("docker");

        stage.Write(file, File.ReadAllText(stage.PathOf(file)).Replace(", \"--enable-lxcfs\"", "", StringComparison.Ordinal));
        doctor.Look().Expect("docker", "warning", "is not switched on");
    }

    private static void Containerd(Stage stage, Doctor doctor)
    {
        stage.Run("rm", "-rf", "/etc/containerd").Ok();
        Diagnosis before = doctor.Look();
        doctor.Do(before.Expect("containerd", "note", "has no runtime of ours"));
        stage.Run("rm", "-f", "/usr/bin/procfs-runtime").Ok();
        doctor.Mend("containerd", "bad", "has a runtime with /usr/bin/procfs-runtime, which is no program");
    }

    /// <summary>Paths that are the whole call: the name says what the program is, and no argument does.</summary>
    private void ByName(Stage stage)
    {
        const string directory = "/usr/local/lib/procfs", hook = $"{Hooks}/50-procfs.json", docker = "/etc/docker/daemon.json", containerd = "/etc/containerd/config.toml";
        stage.Run("rm", "-rf", Hooks, "/etc/containers/containers.conf", "/etc/containers/containers.conf.d", "/etc/docker", "/etc/containerd").Ok();
        stage.Run("install", "-D", "-m", "755", "/usr/bin/procfs", $"{directory}/procfs").Ok();
        stage.Run("mkdir", "-p", "/usr/local/lib/other").Ok();
        stage.Run("ln", "-s", "versions/gone", "/usr/local/lib/other/current").Ok();
        Doctor doctor = new(tree.NewDirectory("doctor"), stage.Inside, []) { Program = $"{directory}/procfs" };

        foreach (string path in new[] { "/usr/local/bin/procfs-runtime", "/usr/local/bin/procfs", "/usr/bin/procfs" })
        {
            stage.Write(docker, $"{{ \"runtimes\": {{ \"procfs\": {{ \"path\": \"{path}\" }}, \"mine\": {{ \"path\": \"/usr/bin/runc\" }} }} }}");
            doctor.Mend("docker", "bad", $"with {path}, which is no");
            Assert.Equal($"{{ \"runtimes\": {{ \"procfs\": {{ \"path\": \"{directory}/procfs-runtime\" }}, \"mine\": {{ \"path\": \"/usr/bin/runc\" }} }} }}", File.ReadAllText(stage.PathOf(docker)));
        }

        // As docker calls it: what it is told goes on to runc.
        Assert.Contains("runc version", stage.Run($"{directory}/procfs-runtime", "--version").Ok(), StringComparison.Ordinal);

        foreach (string path in new[] { "/usr/local/bin/procfs-hook", "/usr/local/bin/procfs", "/usr/bin/procfs" })
        {
            stage.Write(hook, $"{{ \"version\": \"1.0.0\", \"hook\": {{ \"path\": \"{path}\" }}, \"when\": {{ \"always\": true }}, \"stages\": [\"createRuntime\"] }}");
            doctor.Mend("hooks.program", "bad", $"{hook} runs {path}, which is no");
            Assert.Contains($"\"path\": \"{directory}/procfs-hook\"", File.ReadAllText(stage.PathOf(hook)), StringComparison.Ordinal);
        }

        Assert.Contains("procfs hook: ", stage.Run("sh", "-c", $"{directory}/procfs-hook </dev/null").Error, StringComparison.Ordinal);

        // Of a node: the whole directory has gone, or its link leads nowhere. Or a path that is the command line's.
        foreach (string path in new[] { "/usr/local/lib/gone/current/procfs-runtime", "/usr/local/lib/other/current/procfs-runtime", "/usr/bin/procfs" })
        {
            stage.Write(containerd, $"version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.procfs.options]\n  BinaryName = \"{path}\"\n");
            doctor.Mend("containerd", "bad", $"{containerd} has a runtime with {path}, which is ");
            Assert.Contains($"BinaryName = \"{directory}/procfs-runtime\"", File.ReadAllText(stage.PathOf(containerd)), StringComparison.Ordinal);
        }
    }

    private static void Lxc(Stage stage, Doctor doctor)
    {
        const string file = "/usr/share/lxc/config/common.conf.d/20-procfs.conf";
        doctor.Look().ExpectOk("lxc");
        stage.Run("sed", "-i", "s#/usr/bin/procfs#/opt/old/procfs#", file).Ok();
        doctor.Mend("lxc", "bad", $"{file} runs /opt/old/procfs, which is no program: LXC starts no container");
    }
}
