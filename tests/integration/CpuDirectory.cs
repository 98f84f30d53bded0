using System.Text.Json.Nodes;
using static ProcFs.Integration.Tests.Support.Inside;

namespace ProcFs.Integration.Tests;

/// <summary>/sys/devices/system/cpu of a container, as programs walk through it, and how it gets there.</summary>
public sealed class CpuDirectory(ServedTree tree)
{
    private const string Cpu = "sys/devices/system/cpu";
    private const string Four = "cpu/online,cpu/possible,cpu/present,cpu/offline";
    private static readonly string[] FourFiles = [Cpu + "/offline", Cpu + "/online", Cpu + "/possible", Cpu + "/present"];

    private const string Look =
        """
        import os, re, subprocess, sys
        def run(*command):
            return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, check=True).stdout
        n = int(sys.argv[1])
        os.chdir('/sys/devices/system/cpu')
        with os.scandir('.') as entries:
            cpus = sorted(e.name for e in entries if re.fullmatch(r'cpu\d+', e.name) and e.is_dir(follow_symlinks=False))
        assert cpus == sorted(f'cpu{i}' for i in range(n)), cpus
        # Every name that is listed can be walked into and read.
        read = 0
        for directory, directories, files in os.walk('.', onerror=lambda e: sys.exit(str(e))):
            for file in files:
                path = os.path.join(directory, file)
                assert not os.path.islink(path), path
                text = open(path).read()
                read += 1
                if re.search(r'_list$', file):
                    numbers = [int(i) for i in re.findall(r'\d+', text)]
                    assert numbers and max(numbers) < n, (path, text)
                if re.search(r'_map$|_cpus$|_siblings$', file) and 'cpufreq' not in path:
                    assert 0 < int(text.replace(',', ''), 16) < 1 << n, (path, text)
                    assert len(text.replace(',', '')) - 1 == (n + 3) // 4, (path, text)
        assert read > 10 * n, read
        assert not os.path.exists('cpu0/online') and all(open(f'cpu{i}/online').read() == '1\n' for i in range(1, n))
        assert not os.path.exists(f'cpu{n}')
        lscpu = run('lscpu')
        assert re.search(rf'^CPU\(s\): +{n}$', lscpu, re.M), lscpu
        assert 'Off-line' not in lscpu, lscpu
        # CPUs a socket, and instances of caches, are those that are seen.
        sockets, cores, threads = (int(re.search(rf'^{key}: +(\d+)$', lscpu, re.M).group(1)) for key in (r'Socket\(s\)', r'Core\(s\) per socket', r'Thread\(s\) per core'))
        assert sockets * cores * threads >= n and sockets <= n and cores <= n, lscpu
        assert all(int(i) <= n for i in re.findall(r'\((\d+) instances?\)', lscpu)), lscpu
        assert len(run('lscpu', '-e').splitlines()) == n + 1
        assert run('getconf', '_NPROCESSORS_CONF').strip() == str(n)
        for headline in (run('mpstat', '-P', 'ALL').splitlines()[0], run('iostat').splitlines()[0]):
            assert headline.endswith(f'({n} CPU)'), headline
        rows = re.findall(r'^\S+ +(\d+) ', run('mpstat', '-P', 'ALL'), re.M)
        assert rows == [str(i) for i in range(n)], rows
        run('find', '.', '-type', 'f', '-readable')
        run('ls', '-lR')
        print('seen')
        """;

    // /procfs-test-N
    //   container-1        1 CPU of quota, or a cpuset of the last CPU, or neither
    [Theory]
    [InlineData("runc", "quota")]
    [InlineData("runc", "cpuset")]
    [InlineData("runc", "all")]
    [InlineData("crun", "cpuset")]
    public void Programs_find_as_many_CPUs_as_there_are(string runtime, string limit)
    {
        ContainerOptions options = new() { Runtime = runtime, Quota = limit == "quota" ? 100000 : null, Cpuset = limit == "cpuset" ? $"{Host.Cpus[^1]}" : null };
        int count = limit == "all" ? Host.Cpus.Count : 1;
        using OciContainer registered = tree.RunHooked(Hooked.With(options, tree.RunDirectory));
        using OciContainer common = tree.Run(options);

        Assert.Equal("seen", registered.Python(Look, Text(count)).Line());
        Assert.Equal("seen", common.Python(Look, Text(count)).Line());
    }

    // /procfs-test-N
    //   container-1        two CPUs of four, where there are four
    [Fact]
    public void A_CPU_has_the_topology_and_caches_of_the_one_behind_it()
    {
        Assert.SkipUnless(File.Exists($"/{Cpu}/cpu0/topology/core_id"), "this kernel tells no topology");
        int[] chosen = [.. Host.Cpus.Where((_, i) => i % 2 == 1)];
        Assert.SkipWhen(chosen.Length == 0, "this host has one CPU: there is no proper subset to choose");
        using OciContainer container = tree.Run(new() { Cpuset = string.Join(',', chosen) });
        for (int i = 0; i < chosen.Length; i++)
        {
            foreach (string file in new[] { "topology/core_id", "topology/physical_package_id", "cache/index0/size" }.Where(file => File.Exists($"/{Cpu}/cpu{chosen[i]}/{file}")))
            {
                Assert.Equal(File.ReadAllText($"/{Cpu}/cpu{chosen[i]}/{file}"), container.Read($"/{Cpu}/cpu{i}/{file}"));
            }

            int[] shared = [.. Host.CpuList(File.ReadAllText($"/{Cpu}/cpu{chosen[i]}/topology/core_siblings_list")).Select(cpu => Array.IndexOf(chosen, cpu)).Where(cpu => cpu >= 0)];
            Assert.Equal(shared, Host.CpuList(container.Read($"/{Cpu}/cpu{i}/topology/core_siblings_list")));
        }
    }

    // /procfs-test-N
    //   container-1        all CPUs
    //   container-2        one CPU; both read the same common directory
    [Fact]
    public void Two_readers_of_one_directory_see_their_own_CPUs_in_turns()
    {
        Assert.SkipWhen(Host.Cpus.Count == 1, "this host has one CPU: all see the same");
        using OciContainer all = tree.Run(new());
        using OciContainer one = tree.Run(new() { Quota = 50000 });
        const string script = "cd /sys/devices/system/cpu; for i in $(seq 50); do test -e cpu1/topology && echo yes || echo no; ls -d cpu[0-9]* | wc -l; done | sort | uniq -c | sed 's/^ *//'";
        using Running first = all.Start("sh", "-c", script);
        Assert.Equal("50 1\n50 no", one.Shell(script).Line());
        Assert.Equal($"50 {Host.Cpus.Count}\n50 yes", first.Finish(Pace.Limit(60)).Ok().TrimEnd());
    }

    // /procfs-test-N
    //   container-1        its quota changes while it runs
    [Fact]
    public void Another_limit_shows_at_once_without_an_attach()
    {
        Assert.SkipWhen(Host.Cpus.Count == 1, "this host has one CPU: no limit makes a difference");
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Quota = 50000 }, tree.RunDirectory));
        const string count = "ls -d /sys/devices/system/cpu/cpu[0-9]* | wc -l; test -e /sys/devices/system/cpu/cpu1/online && echo there || echo none";
        Assert.Equal("1\nnone", container.Shell(count).Line());
        TestCgroup.SetQuota(container.CgroupPath, 200000);
        Assert.Equal("2\nthere", container.Shell(count).Line());
        TestCgroup.SetQuota(container.CgroupPath, 100000);
        Assert.Equal("1\nnone", container.Shell(count).Line());
    }

    // /procfs-test-N
    //   container-1        an earlier daemon has attached four single files
    [Fact]
    public void Four_files_of_an_earlier_version_give_way_to_the_directory()
    {
        using OciContainer container = tree.RunAttached(new() { Quota = 100000 }, "--files", Four);
        _ = Source(container.Pid, FourFiles);
        string entry = Assert.Single(Hooked.Registered(tree.RunDirectory));
        JsonObject registered = JsonNode.Parse(File.ReadAllText(entry))!.AsObject();
        registered.Remove("files"); // it has chosen nothing
        File.WriteAllText(entry, registered.ToJsonString());

        tree.Procfs("attach", "--all").Ok();

        _ = Source(container.Pid);
        Assert.Equal("seen", container.Python(Look, "1").Line());
        tree.Procfs("detach", Text(container.Pid)).Ok();
        Assert.Empty(Hooked.Mounts(container.Pid));
    }

    [Fact]
    public void Whoever_chooses_single_files_has_these_and_not_the_directory()
    {
        using OciContainer container = tree.RunAttached(new() { Quota = 100000 });
        string id = Text(container.Pid);
        _ = Source(container.Pid);
        tree.Procfs("attach", id, "--files", Four).Ok();
        _ = Source(container.Pid, FourFiles);
        Assert.Equal("0", container.Read($"/{Cpu}/online").Trim());
        Assert.Equal(Host.Cpus.Count, int.Parse(container.Shell($"ls -d /{Cpu}/cpu[0-9]* | wc -l").Line(), System.Globalization.CultureInfo.InvariantCulture));
        tree.Procfs("attach", id, "--files", "cpu").Ok();
        _ = Source(container.Pid, Cpu);
        tree.Procfs("detach", id).Ok();
        Assert.Empty(Hooked.Mounts(container.Pid));
    }

    // The engine hides two directories of a CPU: one that ours has not, and one that it has.
    [Theory]
    [InlineData("runc", "cpu0/hotplug", true, false)]
    [InlineData("crun", "cpu0/hotplug", true, false)]
    [InlineData("runc", "cpu0/hotplug", true, true)]
    [InlineData("crun", "cpu0/hotplug", true, true)]
    [InlineData("runc", "cpu0/topology", false, false)]
    [InlineData("crun", "cpu0/topology", false, true)]
    [InlineData("runc", "cpu0/thermal_throttle", true, false)]
    [InlineData("crun", "cpu0/no/such/file", false, false)]
    public void What_the_engine_hides_stays_hidden_also_without_ours(string runtime, string masked, bool isAttached, bool inCreateContainer)
    {
        string path = $"/{Cpu}/{masked}";
        ContainerOptions options = new() { Runtime = runtime, Change = config => config["linux"]!["maskedPaths"] = Hooked.Words(path) };
        using OciContainer container = tree.RunHooked(inCreateContainer
            ? Hooked.At(options, ["createContainer"], tree.RunDirectory, "--stage", "createContainer", "--mount", tree.Mount, "--strict")
            : Hooked.With(options, tree.RunDirectory));
        Assert.Equal(isAttached, Hooked.Files(container).Contains(Cpu));
        tree.Procfs("detach", Text(container.Pid)).Ok();
        if (Directory.Exists(path))
        {
            Assert.Equal("", container.Exec("ls", path).Ok());
            Assert.NotEqual("", Child.Run("ls", path).Ok());
        }
    }

    [Fact]
    public void What_a_container_has_mounted_in_it_stays_and_so_does_the_kernels_directory()
    {
        using OciContainer container = tree.Run(new() { IsBare = true, Change = MayMount });
        container.Exec("mount", "-t", "tmpfs", "none", $"/{Cpu}/cpu0/topology").Ok();
        tree.Procfs("attach", Text(container.Pid)).Ok();
        Assert.Equal(ServedTree.Attached.Except([Cpu]), Hooked.Files(container));
        Assert.Equal("", container.Exec("ls", $"/{Cpu}/cpu0/topology").Ok());
    }

    [Fact]
    public void As_LXCs_hook_for_lxcfs_wants_it_the_directory_has_a_regular_file_uevent()
    {
        using OciContainer container = tree.Run(new());
        Assert.Equal("regular file", container.Shell($"stat -c %F /{Cpu}/uevent; cat /{Cpu}/uevent").Line());
        Assert.NotEqual(0, container.Shell($"echo add > /{Cpu}/uevent").ExitCode);
        Assert.NotEqual(0, container.Shell($"echo 0 > /{Cpu}/smt/control").ExitCode);
    }
}
