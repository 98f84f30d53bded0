namespace ProcFs.Tests;

/// <summary>Whose view a caller gets: docs/fields/README.md. Each cgroup has a memory limit of its own, by which it is told apart.</summary>
public sealed class CallerTests
{
    private const string ContainerPid = "pid:[4026532001]";
    private const string ContainerMount = "mnt:[4026532002]";
    private const string OtherMount = "mnt:[4026532003]";

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void R1_a_unit_inside_the_container_sees_the_whole_container(string version)
    {
        using HostTree host = Limited(HostTree.Of(version), version, ("/lxc", 0), ("/lxc/c1", 100), ("/lxc/c1/init.scope", 0), ("/lxc/c1/system.slice", 0), ("/lxc/c1/system.slice/x.service", 0));
        Container(host, 10, "/lxc/c1/init.scope");
        host.Process(11, 1000, "/lxc/c1/system.slice/x.service", ContainerPid, ContainerMount, namespacePid: 7, parent: 10);
        Assert.Equal(100 * 1024, Total(host, 11));
    }

    [Fact]
    public void R1_a_caller_that_joined_pid_and_mount_namespace_sees_the_container()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/lxc", 0), ("/lxc/c1", 100), ("/lxc/c1/init.scope", 0), ("/user.slice", 0), ("/user.slice/s1", 200));
        Container(host, 10, "/lxc/c1/init.scope");
        host.Process(12, 1000, "/user.slice/s1", ContainerPid, ContainerMount, namespacePid: 8, parent: 1);
        Assert.Equal(100 * 1024, Total(host, 12));
    }

    [Fact]
    public void R1_with_a_shared_pid_namespace_each_container_sees_its_own_cgroup()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/kubepods", 0), ("/kubepods/pod1", 0), ("/kubepods/pod1/pause", 10), ("/kubepods/pod1/app", 300));
        Container(host, 10, "/kubepods/pod1/pause");
        host.Process(13, 1000, "/kubepods/pod1/app", ContainerPid, OtherMount, namespacePid: 5, parent: 10);
        Assert.Equal(300 * 1024, Total(host, 13));
    }

    [Fact]
    public void R1_an_init_in_the_root_gives_host_values()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/init.scope", 50));
        Container(host, 10, "/init.scope");
        Assert.Equal(HostTexts.Meminfo, host.ShowTo(10, "meminfo"));
    }

    [Fact]
    public void R1_what_the_container_calls_its_root_is_its_root()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/a", 0), ("/a/b", 400), ("/a/b/deeper", 0));
        host.Process(10, 1000, "/a/b/deeper", ContainerPid, ContainerMount, namespacePid: 1, mountinfo: "30 20 0:26 /a/b /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
        Assert.Equal(400 * 1024, Total(host, 10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4711)]
    public void R1_an_unknown_caller_gets_a_container_without_controllers(int threadId)
    {
        using HostTree host = HostTree.V2();
        string meminfo = host.ShowTo(threadId, "meminfo");
        Assert.Equal(16384000, Lines.Meminfo(meminfo, "MemTotal"));
        Assert.Equal(16384000, Lines.Meminfo(meminfo, "MemFree"));
        Assert.DoesNotContain("777", meminfo, StringComparison.Ordinal);
        Assert.Equal("0.00 0.00\n", host.ShowTo(threadId, "uptime"));
        Assert.Equal("", host.ShowTo(threadId, "diskstats"));
        Assert.DoesNotContain("777", host.ShowTo(threadId, "stat"), StringComparison.Ordinal);
        Assert.Equal("0-3\n", host.ShowTo(threadId, "cpu/online"));
    }

    [Fact]
    public void A_host_process_without_limits_sees_the_host_byte_for_byte()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/user.slice", 0));
        host.Cgroup("/user.slice", ("cpu.max", "max 100000"), ("cpuset.cpus.effective", "0-3"), ("io.stat", ""));
        host.Process(20, 1000, "/user.slice");
        foreach (string file in new[] { "meminfo", "cpuinfo", "uptime", "stat", "diskstats", "swaps" })
        {
            Assert.Equal(File.ReadAllText(host.Path("proc/" + file)), host.ShowTo(20, file));
        }

        Assert.Equal("0-3\n", host.ShowTo(20, "cpu/online"));
    }

    [Fact]
    public void A_host_process_with_limits_sees_what_a_container_there_would()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/system.slice", 0), ("/system.slice/a.service", 500));
        host.Cgroup("/system.slice", ("cpu.max", "max 100000")).Cgroup("/system.slice/a.service", ("cpu.max", "200000 100000"));
        host.Process(21, 1000, "/system.slice/a.service");
        Assert.Equal(500 * 1024, Total(host, 21));
        Assert.Contains("\ncpu1 ", host.ShowTo(21, "stat"), StringComparison.Ordinal);
        Assert.DoesNotContain("\ncpu2 ", host.ShowTo(21, "stat"), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(host.Path("proc/uptime")), host.ShowTo(21, "uptime"));
    }

    [Fact]
    public void A_container_in_the_hosts_pid_namespace_is_told_by_its_mounts()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/docker", 0), ("/docker/x", 600));
        host.Process(30, 90000, "/docker/x", mountNamespace: ContainerMount).Process(31, 80000, "/docker/x", mountNamespace: ContainerMount);
        host.WriteProcs("/docker/x", "30\n31\n");
        Assert.Equal(600 * 1024, Total(host, 30));
        Assert.StartsWith("300.00 ", host.ShowTo(30, "uptime"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_outside_our_view_is_a_controller_that_is_absent()
    {
        using HostTree host = HostTree.V2();
        Container(host, 10, "/../../other");
        Assert.Equal(16384000, Lines.Meminfo(host.ShowTo(10, "meminfo"), "MemFree"));
    }

    [Theory]
    [InlineData("/a/init.scope", null, "/a")]
    [InlineData("/init.scope", null, "/")]
    [InlineData("/", null, "/")]
    [InlineData("/init", null, "/init")]
    [InlineData("/docker/x/init", null, "/docker/x")]
    [InlineData("/machine.slice/m.scope/payload", null, "/machine.slice/m.scope")]
    [InlineData("/machine.slice/m.scope/payload/init.scope", null, "/machine.slice/m.scope")]
    [InlineData("/lxc/c1/.lxc", null, "/lxc/c1")]
    [InlineData("/machine.slice/libpod-abc.scope/container", null, "/machine.slice/libpod-abc.scope")]
    [InlineData("/other/container", null, "/other/container")]
    [InlineData("/a/myinit.scope", null, "/a/myinit.scope")]
    [InlineData("/a/b/deeper", "/a/b", "/a/b")]
    [InlineData("/a/bc", "/a/b", "/a/bc")]
    [InlineData("/a/b/init.scope", "/", "/a/b")]
    public void A_path_is_cut_back_to_the_containers_root(string path, string? mountRoot, string expected)
        => Assert.Equal(expected, Containers.ContainerRoot.CutBack(path, mountRoot));

    [Fact]
    public void E1_a_cgroup_that_vanished_gives_a_text_without_limits()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/c", 0), ("/c/x", 700));
        Container(host, 10, "/c/x");
        host.Remove("/c");
        string text = host.ShowTo(10, "meminfo");
        Assert.Equal(16384000, Lines.Meminfo(text, "MemTotal"));
        Assert.DoesNotContain("-", text, StringComparison.Ordinal);
        host.Write("proc/10/cgroup", "0::/c/x (deleted)\n").Uptime(1200);
        Assert.Equal(16384000, Total(host, 10));
    }

    [Fact]
    public void E1_a_caller_that_moved_is_looked_up_once_more()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/old", 100), ("/new", 200));
        Container(host, 10, "/old");
        Assert.Equal(100 * 1024, Total(host, 10));
        host.Write("proc/10/cgroup", "0::/new\n");
        host.Remove("/old");
        Assert.Equal(200 * 1024, Total(host, 10));
    }

    [Fact]
    public void Callers_that_share_a_cgroup_in_one_hierarchy_only_are_told_apart()
    {
        using HostTree host = Limited(HostTree.V1(), "v1", ("/a", 64), ("/b", 128));
        foreach ((int pid, string memory) in new[] { (60, "/a"), (61, "/b") })
        {
            host.Process(pid, 1000, "/", mountNamespace: ContainerMount);
            host.Write($"proc/{pid}/cgroup", $"2:memory:{memory}\n3:cpu:/\n4:cpuacct:/\n5:cpuset:/\n");
        }

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(64 * 1024, Total(host, 60));
            Assert.Equal(128 * 1024, Total(host, 61));
        }
    }

    [Fact]
    public void Swappiness_is_no_limit_that_takes_the_hosts_view_from_a_host_process()
    {
        using HostTree host = HostTree.V1().Cgroup("/user", ("memory.limit_in_bytes", "9223372036854771712"), ("memory.usage_in_bytes", "4096"),
            ("memory.stat", "total_cache 0"), ("memory.memsw.limit_in_bytes", "9223372036854771712"), ("memory.memsw.usage_in_bytes", "4096"), ("memory.swappiness", "0"));
        host.Process(20, 1000, "/user");
        Assert.Equal(HostTexts.Meminfo, host.ShowTo(20, "meminfo"));
    }

    [Fact]
    public void A_thread_id_that_now_belongs_to_another_container_shows_that_one()
    {
        using HostTree host = Limited(HostTree.V2(), "v2", ("/one", 100), ("/two", 200));
        Container(host, 10, "/one");
        host.Process(11, 1000, "/two", "pid:[4026532011]", "mnt:[4026532012]", namespacePid: 1);
        host.Process(50, 2000, "/one", ContainerPid, ContainerMount, namespacePid: 4, parent: 10);
        Assert.Equal(100 * 1024, Total(host, 50));
        host.Process(50, 3000, "/two", "pid:[4026532011]", "mnt:[4026532012]", namespacePid: 4, parent: 11);
        Assert.Equal(200 * 1024, Total(host, 50));
    }

    private static void Container(HostTree host, int pid, string cgroup)
        => host.Process(pid, 1000, cgroup, ContainerPid, ContainerMount, namespacePid: 1);

    private static HostTree Limited(HostTree host, string version, params (string Path, long Mebibytes)[] cgroups)
    {
        foreach ((string path, long mebibytes) in cgroups)
        {
            string limit = mebibytes == 0 ? (version == "v1" ? "9223372036854771712" : "max") : $"{mebibytes * 1024 * 1024}";
            host.Cgroup(path, version == "v1"
                ? [("memory.limit_in_bytes", limit), ("memory.usage_in_bytes", "0"), ("memory.stat", "total_cache 0")]
                : [("memory.max", limit), ("memory.current", "0"), ("memory.stat", "file 0")]);
        }

        return host;
    }

    private static long Total(HostTree host, int threadId) => Lines.Meminfo(host.ShowTo(threadId, "meminfo"), "MemTotal");
}
