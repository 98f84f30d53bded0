using System.Globalization;

namespace ProcFs.Integration.Tests;

/// <summary>Containers that are registered have files of their own: what these show goes by the container, not by who reads.</summary>
public sealed class Addressing(ServedTree tree)
{
    // /procfs-test-N
    //   container-1            memory 64 MiB, 1 CPU
    [Fact]
    public void Whoever_reads_a_containers_file_sees_that_container()
    {
        using OciContainer container = tree.RunAttached(new() { Memory = 64 << 20, Quota = 100000 });

        Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal("1", container.Exec("getconf", "_NPROCESSORS_ONLN").Line());
        Assert.InRange(ProcText.Uptime(container.Read("/proc/uptime")), 0, 120);

        // From the host, in its mount namespace alone: neither cgroup nor pid namespace are the container's.
        string[] enter = ["nsenter", "--target", Text(container.Pid), "--mount"];
        Assert.Equal(64 << 10, ProcText.Kib(Child.Run([.. enter, "cat", "/proc/meminfo"]).Ok(), "MemTotal"));
        Assert.InRange(ProcText.Uptime(Child.Run([.. enter, "cat", "/proc/uptime"]).Ok()), 0, 120);

        // And from outside of all namespaces.
        Assert.Equal(64 << 10, ProcText.Kib(Child.Run("cat", $"{container.Root}/proc/meminfo").Ok(), "MemTotal"));
    }

    // /procfs-test-N
    //   container-1            memory 64 MiB, 1 CPU     the pod's first
    //   container-2            memory 96 MiB, 2 CPUs    in its pid namespace
    [Fact]
    public void Containers_that_share_a_pid_namespace_have_each_its_own_view()
    {
        using OciContainer first = tree.RunAttached(new() { Memory = 64 << 20, Quota = 100000 });
        Thread.Sleep(Pace.Limit(2)); // so that the two starts differ
        using OciContainer second = tree.RunAttached(new() { Memory = 96 << 20, SharesPidsWith = first.Pid });

        Assert.Equal(64 << 10, ProcText.Kib(first.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal(96 << 10, ProcText.Kib(second.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal("1", first.Exec("getconf", "_NPROCESSORS_ONLN").Line());
        // Its own start counts, not that of the namespace's process 1.
        double before = ProcText.Uptime(first.Read("/proc/uptime"));
        double younger = ProcText.Uptime(second.Read("/proc/uptime"));
        double after = ProcText.Uptime(first.Read("/proc/uptime"));
        Assert.InRange(younger, 0, before);
        Assert.InRange(after - younger, 2, 120);

        // A debugger of the second's cgroup in the first's mount namespace sees the first: the files are its.
        string debugger = Child.Run("nsenter", "--target", Text(first.Pid), "--mount", "--pid", "sh", "-c", "cat /proc/meminfo").Ok();
        Assert.Equal(64 << 10, ProcText.Kib(debugger, "MemTotal"));
    }

    // /procfs-test-N
    //   container-1            memory 64 MiB, in the host's pid namespace
    [Fact]
    public void A_container_in_the_hosts_pid_namespace_has_its_own_view()
    {
        using OciContainer container = tree.RunAttached(new() { Memory = 64 << 20, Quota = 100000, SharesPidsWith = 1 });

        Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal("1", container.Exec("getconf", "_NPROCESSORS_ONLN").Line());
        Assert.InRange(ProcText.Uptime(container.Read("/proc/uptime")), 0, 60);
    }

    // /procfs-test-N
    //   outer                  memory 128 MiB
    //     inner                memory 64 MiB
    //       innermost          no limit of its own
    [Fact]
    public void A_container_inside_a_container_has_a_view_of_its_own()
    {
        using OciContainer outer = tree.RunAttached(new() { Memory = 128 << 20, Cgroup = "outer" });
        MakeRoomIn(outer);
        using OciContainer inner = tree.RunAttached(new() { Memory = 64 << 20, Cgroup = "outer/inner" });
        MakeRoomIn(inner);
        using OciContainer innermost = tree.RunAttached(new() { Cgroup = "outer/inner/innermost" });

        Assert.Equal(128 << 10, ProcText.Kib(outer.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal(64 << 10, ProcText.Kib(inner.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal(64 << 10, ProcText.Kib(innermost.Read("/proc/meminfo"), "MemTotal"));
        Assert.Equal(3, tree.Numbers().Length);
    }

    [Fact]
    public void A_number_ends_with_its_container_and_is_never_given_again()
    {
        string[] before = tree.Numbers();
        string first;
        using (tree.RunAttached(new()))
        {
            first = Assert.Single(tree.Numbers().Except(before));
        }

        Assert.True(Pace.Until(10, () => !tree.Numbers().Contains(first)), $"number {first} is still there");
        Assert.True(Pace.Until(10, () => Directory.GetFiles($"{tree.RunDirectory}/registry").Length == 0), "its entry is still there");

        using OciContainer second = tree.RunAttached(new());
        Assert.DoesNotContain(first, tree.Numbers());
    }

    [Fact]
    public void A_container_is_shown_as_many_CPUs_as_was_asked_for_it()
    {
        using OciContainer one = tree.RunAttached(new(), "--cpu", "1");
        using OciContainer all = tree.RunAttached(new() { Quota = 50000 }, "--cpu", "all");

        Assert.Equal("1", one.Exec("getconf", "_NPROCESSORS_ONLN").Line());
        Assert.Equal(Text(Host.Cpus.Count), all.Exec("getconf", "_NPROCESSORS_ONLN").Line());
    }

    [Fact]
    public void The_tree_of_all_containers_is_out_of_reach_for_others_than_root()
    {
        string directory = $"{tree.RunDirectory}/fuse";
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(directory));
        // What containers can be given has the common files alone.
        Assert.Equal(["proc", "sys"], Child.Run("ls", tree.Mount).Ok().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Show_knows_a_registered_container_by_its_id()
    {
        using OciContainer container = tree.RunAttached(new() { Memory = 64 << 20 });
        string id = $"pid-{Text(container.Pid)}";

        Assert.Equal(64 << 10, ProcText.Kib(tree.Procfs("show", "meminfo", "--container", id).Ok(), "MemTotal"));
        Output unknown = tree.Procfs("show", "meminfo", "--container", "nobody");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("no container \"nobody\" is registered", unknown.Error, StringComparison.Ordinal);
    }

    /// <summary>On cgroup v2 only leaves have processes: as system containers do it, its own goes into one below.</summary>
    private static void MakeRoomIn(OciContainer container)
    {
        if (CgroupMounts.IsPureV2)
        {
            string leaf = Directory.CreateDirectory($"/sys/fs/cgroup{container.CgroupPath}/init").FullName;
            File.WriteAllText($"{leaf}/cgroup.procs", Text(container.Pid));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
