using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

/// <summary>What the hook attaches to containers of runc and crun, and what it leaves alone.</summary>
public sealed class HookChoices(ServedTree tree)
{
    private static readonly string[] All = [.. ServedTree.Attached.Order(StringComparer.Ordinal)];

    // /procfs-test-N
    //   container-1        memory 50 MiB
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void A_container_gets_every_file_once_read_only_and_of_its_own(string runtime)
    {
        string[] registered = Hooked.Registered(tree.RunDirectory);
        using (OciContainer container = RunWithFiles(new() { Runtime = runtime, Memory = 50 << 20 }))
        {
            Assert.Equal(All, Hooked.Files(container));
            IReadOnlyList<(string File, string Root, string Flags)> mounts = Hooked.Mounts(container.Pid);
            Assert.All(mounts, mount => Assert.StartsWith($"{Hooked.AccessTo(mount.File)},nosuid,nodev,noexec", mount.Flags, StringComparison.Ordinal));
            string number = Assert.Single(mounts.Select(mount => mount.Root.Split('/')[2]).Distinct());
            Assert.All(mounts, mount => Assert.Equal($"/c/{number}/{mount.File}", mount.Root));
            Assert.Equal(50 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
            Assert.Equal(registered.Length + 1, Hooked.Registered(tree.RunDirectory).Length);
        }

        Assert.Equal(registered, Hooked.Registered(tree.RunDirectory));
    }

    [Theory]
    [InlineData("io.procfs.enable", "0", "")]
    [InlineData("io.procfs.enable", "1", "all")]
    [InlineData("io.procfs.files", "meminfo,cpu/online,nonsense", "proc/meminfo,sys/devices/system/cpu/online")]
    [InlineData("io.procfs.files", "cpu,cpu/online,stat", "proc/stat,sys/devices/system/cpu")]
    [InlineData("io.procfs.files", "../../etc/passwd", "")]
    public void Annotations_choose(string annotation, string value, string expected)
    {
        ContainerOptions wish = new() { Change = Hooked.Annotation(annotation, value) };
        using OciContainer container = expected == "" ? Run(wish) : RunWithFiles(wish);
        Assert.Equal(expected == "all" ? All : expected.Split(',', StringSplitOptions.RemoveEmptyEntries), Hooked.Files(container));
    }

    // /procfs-test-N
    //   container-1        1 CPU
    [Fact]
    public void The_cpu_annotation_counts_for_one_container()
    {
        using OciContainer one = RunWithFiles(new() { Quota = 100000 });
        using OciContainer all = RunWithFiles(new() { Quota = 100000, Change = Hooked.Annotation("io.procfs.cpu", "all") });
        Assert.Equal("1", one.Exec("getconf", "_NPROCESSORS_ONLN").Line());
        Assert.Equal(Child.Run("getconf", "_NPROCESSORS_ONLN").Line(), all.Exec("getconf", "_NPROCESSORS_ONLN").Line());
    }

    [Fact]
    public void A_variable_of_the_container_switches_it_off()
    {
        using OciContainer container = Run(new() { Change = config => config["process"]!["env"]!.AsArray().Add("PROCFS_DISABLE=1") });
        Assert.Empty(Hooked.Files(container));
    }

    [Fact]
    public void Only_limited_containers_where_that_is_wanted()
    {
        using OciContainer limited = RunWithFiles(new() { Memory = 50 << 20 }, "--only-limited");
        using OciContainer other = Run(new(), "--only-limited");
        Assert.Equal(All, Hooked.Files(limited));
        Assert.Empty(Hooked.Files(other));
    }

    [Fact]
    public void Only_containers_that_ask_where_that_is_wanted()
    {
        using OciContainer asks = RunWithFiles(new() { Change = Hooked.Annotation("io.procfs.enable", "1") }, "--enable", "annotation");
        using OciContainer other = Run(new(), "--enable=annotation");
        Assert.Equal(All, Hooked.Files(asks));
        Assert.Empty(Hooked.Files(other));
    }

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void Called_at_several_stages_it_attaches_once(string runtime)
    {
        using OciContainer container = tree.RunHooked(Hooked.At(new() { Runtime = runtime }, ["prestart", "createRuntime", "poststop"], tree.RunDirectory));
        Assert.Equal(All, Hooked.Files(container));
        Assert.Single(Hooked.Mounts(container.Pid).Select(mount => mount.Root.Split('/')[2]).Distinct());

        // Once more by hand, as a retry would.
        Output again = Again();
        if (again.Error.Contains("within 200 ms", StringComparison.Ordinal))
        {
            LateHooks.Count();
            again = Again();
        }

        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Equal(All, Hooked.Files(container));

        Output Again() => Hooked.Call(State(container), "--run-dir", tree.RunDirectory, "--stage", "poststart", "--strict");
    }

    [Theory]
    [InlineData("runc", false)]
    [InlineData("crun", false)]
    [InlineData("runc", true)]
    [InlineData("crun", true)]
    public void A_file_that_the_engine_hides_stays_hidden(string runtime, bool inCreateContainer)
    {
        ContainerOptions wish = new() { Runtime = runtime, Change = config => config["linux"]!["maskedPaths"] = Hooked.Words("/proc/swaps") };
        using OciContainer container = inCreateContainer ? RunInCreateContainer(wish) : RunWithFiles(wish);
        Assert.Equal(All.Where(file => file != "proc/swaps"), Hooked.Files(container));
        Assert.Equal("", container.Read("/proc/swaps"));
    }

    [Theory]
    [InlineData("runc", false)]
    [InlineData("crun", false)]
    [InlineData("runc", true)]
    [InlineData("crun", true)]
    public void What_somebody_else_mounted_on_a_file_stays(string runtime, bool inCreateContainer)
    {
        string own = $"{tree.NewDirectory("foreign")}/meminfo";
        File.WriteAllText(own, "MemTotal: 1 kB\n");
        ContainerOptions wish = new()
        {
            Runtime = runtime,
            Change = config => config["mounts"]!.AsArray().Add((JsonNode)new JsonObject
            {
                ["destination"] = "/proc/meminfo",
                ["type"] = "bind",
                ["source"] = own,
                ["options"] = Hooked.Words("bind", "ro"),
            }),
        };
        using OciContainer container = inCreateContainer ? RunInCreateContainer(wish) : RunWithFiles(wish);
        Assert.Equal(All.Where(file => file != "proc/meminfo"), Hooked.Files(container));
        Assert.Equal("MemTotal: 1 kB\n", container.Read("/proc/meminfo"));
    }

    // /procfs-test-N
    //   container-1        memory 50 MiB
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void In_createContainer_the_common_files_are_bound_without_a_registration(string runtime)
    {
        string[] registered = Hooked.Registered(tree.RunDirectory);
        using OciContainer container = RunInCreateContainer(new() { Runtime = runtime, Memory = 50 << 20 });
        Assert.Equal(All, Hooked.Files(container));
        Assert.All(Hooked.Mounts(container.Pid), mount => Assert.Equal($"/common/{mount.File}", mount.Root));
        Assert.All(Hooked.Mounts(container.Pid), mount => Assert.StartsWith($"{Hooked.AccessTo(mount.File)},nosuid,nodev,noexec", mount.Flags, StringComparison.Ordinal));
        Assert.Equal(50 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal(registered, Hooked.Registered(tree.RunDirectory));
    }

    private static byte[] State(OciContainer container) => System.Text.Encoding.UTF8.GetBytes(
        new JsonObject { ["id"] = container.Id, ["pid"] = container.Pid, ["status"] = "running", ["bundle"] = container.Bundle }.ToJsonString());

    private OciContainer Run(ContainerOptions options, params string[] hookOptions) => tree.Run(Hooked.With(options, tree.RunDirectory, hookOptions));

    private OciContainer RunWithFiles(ContainerOptions options, params string[] hookOptions) => tree.RunHooked(Hooked.With(options, tree.RunDirectory, hookOptions));

    private OciContainer RunInCreateContainer(ContainerOptions options)
        => tree.Run(Hooked.At(options, ["createContainer"], tree.RunDirectory, "--stage", "createContainer", "--mount", tree.Mount, "--strict"));
}
