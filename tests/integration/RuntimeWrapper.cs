using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

/// <summary>"procfs runtime" in the place of runc and crun.</summary>
[Trait("run", "long")]
public sealed class RuntimeWrapper(ServedTree tree)
{
    // /procfs-test-N
    //   container-1        memory 50 MiB
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void A_container_gets_its_files_and_its_config_keeps_what_nobody_knows(string runtime)
    {
        string[] registered = Hooked.Registered(tree.RunDirectory);
        using (OciContainer container = RunWithFiles(new() { Runtime = runtime, Memory = 50 << 20, Change = config => config["annotations"] = new JsonObject { ["later"] = "ü<&" } }, "--enable-lxcfs"))
        {
            Assert.Equal(ServedTree.Attached, Hooked.Files(container));
            Assert.Equal(50 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal")); // by exec, through the wrapper
            JsonNode config = JsonNode.Parse(File.ReadAllText($"{container.Bundle}/config.json"))!;
            Assert.Equal("ü<&", (string)config["annotations"]!["later"]!);
            Assert.Single(config["hooks"]!["createRuntime"]!.AsArray());
        }

        Assert.Equal(registered, Hooked.Registered(tree.RunDirectory));
    }

    [Fact]
    public void Without_the_flag_nothing_is_changed()
    {
        using OciContainer container = Run(new());
        Assert.Empty(Hooked.Files(container));
        Assert.DoesNotContain(Daemon.Binary, File.ReadAllText($"{container.Bundle}/config.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("always", false, true)]
    [InlineData("annotation", false, false)]
    [InlineData("annotation", true, true)]
    public void Containers_opt_in_or_out(string mode, bool asks, bool expected)
    {
        ContainerOptions wish = new() { Change = asks ? Hooked.Annotation("io.procfs.enable", "1") : null };
        using OciContainer container = expected ? RunWithFiles(wish, $"--enable-lxcfs={mode}") : Run(wish, $"--enable-lxcfs={mode}");
        Assert.Equal(expected, Hooked.Files(container).Length > 0);
    }

    [Fact]
    public void A_variable_of_the_container_switches_it_off()
    {
        using OciContainer container = Run(new() { Change = config => config["process"]!["env"]!.AsArray().Add("PROCFS_DISABLE=1") }, "--enable-lxcfs");
        Assert.Empty(Hooked.Files(container));
    }

    // /procfs-test-N
    //   container-1        memory 50 MiB
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void In_the_mode_mounts_the_common_files_are_bound(string runtime)
    {
        using OciContainer container = RunWithFiles(new() { Runtime = runtime, Memory = 50 << 20 }, "--enable-lxcfs", "--mode", "mounts", "--mount", tree.Mount);
        Assert.Equal(ServedTree.Mountable, Hooked.Files(container));
        Assert.All(Hooked.Mounts(container.Pid), mount => Assert.Equal($"/common/{mount.File}", mount.Root));
        Assert.Equal(50 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
    }

    [Fact]
    public void In_the_mode_mounts_a_container_starts_without_a_daemon_too()
    {
        using OciContainer container = tree.Run(new()
        {
            IsBare = true,
            Wrapper = [Daemon.Binary, "runtime", "--enable-lxcfs", "--mode=mounts", "--run-dir", tree.NewDirectory("run"), "--runtime", "runc"],
        });
        Assert.Empty(Hooked.Files(container));
    }

    [Fact]
    public void A_runtime_gets_arguments_environment_descriptors_limits_and_signals_as_they_were()
    {
        string directory = tree.NewDirectory("runtime");
        string runtime = $"{directory}/fake";
        File.WriteAllText(runtime,
            """
            #!/bin/sh
            for word; do echo "word: $word"; done
            env | sort | grep -v -e '^_=' -e '^PROCFS_RUNTIME='
            for limit in n s c l; do ulimit -S$limit; ulimit -H$limit; done
            grep -E '^(Sig|Shd|Cap|NoNewPrivs|Seccomp|Cpus_allowed)' /proc/$$/status | grep -v -E '^(SigQ|SigCgt)'
            cd /proc/$$/fd && ls; pwd -P >/dev/null
            cat /proc/$$/oom_score_adj; umask
            exit 42
            """);
        File.SetUnixFileMode(runtime, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        // .NET has SIGPIPE ignored, this test host and the wrapper alike: runtimes are started with it at its default.
        const string script = "ulimit -Sn 123; exec 7</dev/null; export ODD='a\nb'; env --default-signal=PIPE \"$@\"; echo \"exit $?\"";
        string[] words = ["--root", "/r", "--log-format=json", "start", "", "two words", "-b", "ü"];

        Output direct = Child.Shell(script, [runtime, .. words]);
        Output wrapped = Child.Shell(script, [Daemon.Binary, "runtime", "--enable-lxcfs", "--runtime", runtime, .. words]);

        Assert.Contains("exit 42", direct.Ok(), StringComparison.Ordinal);
        Assert.Equal(direct.Ok(), wrapped.Ok());
    }

    [Fact]
    public void It_becomes_the_runtime_under_the_same_pid_and_keeps_the_name_it_was_called_by()
    {
        string directory = tree.NewDirectory("runtime");
        string link = $"{directory}/procfs-runtime";
        File.CreateSymbolicLink(link, Daemon.Binary);
        // A shell says "$$" before it becomes the wrapper, and the wrapper becomes a program that tells its own.
        IReadOnlyList<string> lines = ProcText.Lines(Child.Shell("echo $$; exec \"$1\" --runtime /usr/bin/python3 -c 'import os; print(os.getpid()); print(open(\"/proc/self/cmdline\").read().split(\"\\0\")[0])'", link).Ok());
        Assert.Equal(lines[0], lines[1]);
        Assert.Equal(link, lines[2]);
    }

    [Fact]
    public void What_is_wrong_with_a_bundle_is_left_to_the_runtime_to_say()
    {
        string bundle = tree.NewDirectory("bundle");
        File.WriteAllText($"{bundle}/config.json", "{ \"ociVersion\": ");
        Output direct = Child.Run("runc", "--root", $"{tree.Scratch}/state-none", "create", "--bundle", bundle, "procfs-broken");
        Output wrapped = Child.Run(Daemon.Binary, "runtime", "--enable-lxcfs", "--runtime", "runc", "--root", $"{tree.Scratch}/state-none", "create", "--bundle", bundle, "procfs-broken");
        Assert.Equal(direct.ExitCode, wrapped.ExitCode);
        Assert.EndsWith(Message(direct), wrapped.Error, StringComparison.Ordinal);
        Assert.Contains("procfs runtime: ", wrapped.Error, StringComparison.Ordinal);
        Assert.Equal("{ \"ociVersion\": ", File.ReadAllText($"{bundle}/config.json"));
    }

    [Fact]
    public void Without_a_runtime_it_says_what_to_do()
    {
        Output output = Child.Run(Daemon.Binary, "runtime", "--runtime", "no-such-runtime", "list");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("--runtime", Assert.Single(ProcText.Lines(output.Error)), StringComparison.Ordinal);
    }

    /// <summary>Without the time in front.</summary>
    private static string Message(Output output) => output.Error[Math.Max(0, output.Error.IndexOf("msg=", StringComparison.Ordinal))..];

    private OciContainer Run(ContainerOptions options, params string[] wrapperOptions) => tree.Run(Wrapped(options, wrapperOptions));

    private OciContainer RunWithFiles(ContainerOptions options, params string[] wrapperOptions) => tree.RunHooked(Wrapped(options, wrapperOptions));

    private ContainerOptions Wrapped(ContainerOptions options, string[] wrapperOptions)
        => options with { IsBare = true, Wrapper = [Daemon.Binary, "runtime", .. wrapperOptions, "--run-dir", tree.RunDirectory, "--runtime", options.Runtime] };
}
