using System.Diagnostics;
using System.Globalization;

namespace ProcFs.Cgroups.Tests;

/// <summary>
/// The kernel's own cgroups, whichever versions this machine has. Needs root. Everything is made below a name of our own and taken away
/// again.
/// </summary>
public sealed class RealCgroupTests : IDisposable
{
    private readonly string _name = $"/procfs-cgtest-{Environment.ProcessId}";
    private readonly CgroupLayout _layout = CgroupLayout.Discover("/proc", CgroupLayout.DefaultRoot);
    private readonly DescriptorPool _pool = new(256);
    private readonly List<string> _reports = [];
    private readonly List<string> _made = [];
    private readonly List<Process> _started = [];
    private readonly List<(string File, string Controller)> _enabled = [];
    private readonly ContainerResources _read = new();

    public RealCgroupTests()
    {
        Assert.SkipUnless(Environment.UserName == "root", "making cgroups needs root");
        Assert.SkipUnless(_layout.HasControllers, "no cgroup controllers are mounted here");
    }

    public void Dispose()
    {
        foreach (Process process in _started)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _made.Reverse();
        foreach (string directory in _made)
        {
            RemoveWhenEmpty(directory);
        }

        foreach ((string file, string controller) in _enabled.Where(item => File.Exists(item.File)))
        {
            try
            {
                File.WriteAllText(file, "-" + controller);
            }
            catch (IOException)
            {
                // Somebody else needs it by now.
            }
        }
    }

    [Fact]
    public void A_cgroup_with_a_process_reads_as_its_files_say()
    {
        CgroupPaths paths = Make(_name);
        Limit(_name, Controller.Memory, "memory.limit_in_bytes", "67108864", "memory.max", "67108864");
        Limit(_name, Controller.Cpu, "cpu.cfs_quota_us", "150000", "cpu.max", "150000 100000");
        Process child = StartIn(_name);
        ContainerCgroups cgroups = Tree().Open(paths);
        Assert.True(cgroups.TryRead(ResourceGroups.All, _read));
        Assert.NotNull(cgroups.Identity);
        Assert.Empty(_reports);

        if (_layout.HierarchyOf(Controller.Memory) is { } memory)
        {
            bool v1 = memory.Version == CgroupVersion.V1;
            Assert.Equal(ControllerScope.Container, _read.MemoryScope);
            Assert.Equal(67108864, _read.Memory.LimitBytes);
            long usage = Number(memory, v1 ? "memory.usage_in_bytes" : "memory.current");
            Assert.InRange(_read.Memory.UsageBytes, Math.Max(1, usage - 1048576), usage + 1048576);
            Assert.Equal([67108864], _read.MemoryLevels.ToArray().Select(level => level.LimitBytes));
            bool swap = File.Exists($"{memory.MountPoint}{_name}/{(v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max")}");
            Assert.Equal(swap, _read.Memory.Swap is not null);
            Assert.Equal(0, _read.Memory.Swap?.UsedBytes ?? 0);

            // The kernel adds the counters up every two seconds or so.
            for (int i = 0; _read.Memory.Stat.Anon == 0 && i < 500; i++)
            {
                Thread.Sleep(20);
                Assert.True(cgroups.TryRead(ResourceGroups.Memory, _read));
            }

            Assert.InRange(_read.Memory.Stat.Anon, 4096, 67108864);
        }

        if (_layout.HierarchyOf(Controller.Cpu) is not null)
        {
            Assert.Equal(new CpuQuota(150000, 100000), _read.Quota);
        }

        if (_layout.HierarchyOf(Controller.CpuAcct) is { } time)
        {
            bool v1 = time.Version == CgroupVersion.V1;
            Assert.InRange(_read.Usage!.Value.TotalNs, 1, long.MaxValue);
            Assert.Equal(_read.Usage.Value.TotalNs, _read.Usage.Value.UserNs + _read.Usage.Value.SystemNs, 2000.0);
            Assert.Equal(v1, _read.PerCpuNs.Length > 0);
            long sum = 0;
            foreach (long ns in _read.PerCpuNs)
            {
                sum += ns;
            }

            Assert.True(!v1 || sum >= _read.Usage.Value.TotalNs);
        }

        if (_layout.HierarchyOf(Controller.CpuSet) is { } cpuset)
        {
            string file = cpuset.Version == CgroupVersion.V1 ? "cpuset.effective_cpus" : "cpuset.cpus.effective";
            Assert.Equal(File.ReadAllText($"{cpuset.MountPoint}{_name}/{file}").Trim(), _read.EffectiveCpus!.Format());
        }

        int[] processes = new int[8];
        Assert.Equal([child.Id], processes[..cgroups.ListProcesses(processes, out bool truncated)]);
        Assert.False(truncated);
        CgroupMembership membership = CgroupMembership.Parse(_layout, File.ReadAllBytes($"/proc/{child.Id}/cgroup"));
        Assert.All(_layout.Hierarchies.Where(h => paths[h] is not null), h => Assert.Equal(_name, membership.PathIn(h)));
    }

    [Fact]
    public void A_limit_above_and_one_changed_while_open_are_seen()
    {
        CgroupHierarchy? memory = _layout.HierarchyOf(Controller.Memory);
        Assert.SkipWhen(memory is null, "no memory controller is mounted here");
        Make(_name);
        CgroupPaths inner = Make(_name + "/inner");
        ContainerCgroups cgroups = Tree().Open(inner);
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, _read));
        Assert.Null(_read.Memory.LimitBytes);
        Limit(_name, Controller.Memory, "memory.limit_in_bytes", "33554432", "memory.max", "33554432");
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, _read));
        Assert.Equal(33554432, _read.Memory.LimitBytes);
        Assert.Equal(1, _read.MemoryLevels.Length);
        Limit(_name + "/inner", Controller.Memory, "memory.limit_in_bytes", "16777216", "memory.max", "16777216");
        Assert.True(cgroups.TryRead(ResourceGroups.Memory, _read));
        Assert.Equal(16777216, _read.Memory.LimitBytes);
        Assert.Equal(2, _read.MemoryLevels.Length);
    }

    [Fact]
    public void Removed_while_descriptors_are_kept_is_gone_at_once_and_a_new_one_is_another()
    {
        CgroupPaths paths = Make(_name);
        CgroupTree tree = Tree();
        ContainerCgroups cgroups = tree.Open(paths);
        Assert.True(cgroups.TryRead(ResourceGroups.All, _read));
        int kept = _pool.Count;
        Assert.InRange(kept, 2, 256);
        RemoveAll();

        Assert.False(cgroups.TryRead(ResourceGroups.All, _read));
        Assert.True(cgroups.TryRead(ResourceGroups.All, _read, readWhatIsLeft: true));
        Assert.Equal(ControllerScope.Absent, _read.MemoryScope);
        Assert.Equal(ControllerScope.Absent, _read.CpuUsageScope);
        Assert.Equal(0, cgroups.ListProcesses(new int[4], out _));
        Assert.False(tree.Open(paths).TryRead(ResourceGroups.All, _read));
        Assert.Empty(_reports);

        Make(_name);
        ContainerCgroups again = tree.Open(paths);
        Assert.True(again.TryRead(ResourceGroups.All, _read));
        Assert.NotEqual(cgroups.Identity, again.Identity);
        Assert.False(cgroups.TryRead(ResourceGroups.All, _read));
    }

    [Fact]
    public void Ten_thousand_reads_of_kernel_files_allocate_nothing()
    {
        ContainerCgroups cgroups = Tree().Open(Make(_name));
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(cgroups.TryRead(ResourceGroups.All, _read));
        }

        bool ok = true;
        Allocated.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                ok &= cgroups.TryRead(ResourceGroups.All, _read);
            }
        });
        Assert.True(ok);
    }

    [Fact]
    public void A_threaded_child_is_passed_over_when_processes_are_listed()
    {
        CgroupHierarchy? unified = _layout.Unified;
        Assert.SkipWhen(unified is null, "no cgroup v2 is mounted here");
        string top = MakeIn(unified, _name, enable: false);
        string child = MakeIn(unified, _name + "/threads", enable: false);
        Process process = StartIn(_name);
        try
        {
            File.WriteAllText(child + "/cgroup.type", "threaded");
        }
        catch (IOException error)
        {
            Assert.Skip($"this kernel refuses a threaded cgroup here: {error.Message}");
        }

        Assert.Throws<IOException>(() => File.ReadAllText(child + "/cgroup.procs"));
        int[] into = new int[4];
        ContainerCgroups cgroups = Tree().Open(CgroupPaths.None(_layout).With(unified, _name));
        Assert.Equal([process.Id], into[..cgroups.ListProcesses(into, out _)]);
        Assert.True(Directory.Exists(top));
    }

    private CgroupTree Tree() => new(_layout, _pool, _reports.Add);

    private CgroupPaths Make(string path)
    {
        foreach (CgroupHierarchy hierarchy in _layout.Hierarchies)
        {
            MakeIn(hierarchy, path);
        }

        return CgroupPaths.Create(_layout, hierarchy => Directory.Exists(hierarchy.MountPoint + path) ? path : null);
    }

    private string MakeIn(CgroupHierarchy hierarchy, string path, bool enable = true)
    {
        string directory = hierarchy.MountPoint + path;
        if (hierarchy.Version == CgroupVersion.V2 && enable)
        {
            Enable(Path.GetDirectoryName(directory)!);
        }

        Directory.CreateDirectory(directory);
        _made.Add(directory);
        if (hierarchy == _layout.HierarchyOf(Controller.CpuSet) && hierarchy.Version == CgroupVersion.V1)
        {
            // v1 takes no process into a set that is empty
            string parent = Path.GetDirectoryName(directory)!;
            File.WriteAllText(directory + "/cpuset.cpus", File.ReadAllText(parent + "/cpuset.cpus"));
            File.WriteAllText(directory + "/cpuset.mems", File.ReadAllText(parent + "/cpuset.mems"));
        }

        return directory;
    }

    // A v2 child has the files of those controllers that its parent enables. What the root did not have is taken back at the end.
    private void Enable(string parent)
    {
        string file = parent + "/cgroup.subtree_control";
        string[] enabled = File.ReadAllText(file).Split([' ', '\n']);
        foreach (string controller in File.ReadAllText(parent + "/cgroup.controllers").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (controller is "cpu" or "cpuset" or "io" or "memory" or "hugetlb" && !enabled.Contains(controller))
            {
                File.WriteAllText(file, "+" + controller);
                _enabled.Add((file, controller));
            }
        }
    }

    private void Limit(string path, Controller controller, string v1Name, string v1Text, string v2Name, string v2Text)
    {
        if (_layout.HierarchyOf(controller) is { } hierarchy)
        {
            bool v1 = hierarchy.Version == CgroupVersion.V1;
            File.WriteAllText($"{hierarchy.MountPoint}{path}/{(v1 ? v1Name : v2Name)}", v1 ? v1Text : v2Text);
        }
    }

    private Process StartIn(string path)
    {
        // The shell moves itself first, so that all the memory of sleep is charged to the new cgroups.
        string moves = string.Concat(_layout.Hierarchies
            .Where(hierarchy => Directory.Exists(hierarchy.MountPoint + path))
            .Select(hierarchy => $"echo $$ > '{hierarchy.MountPoint}{path}/cgroup.procs' || exit 1; "));
        Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", moves + "exec sleep 60"]))!;
        _started.Add(process);
        for (int i = 0; File.ReadAllText($"/proc/{process.Id}/comm").Trim() != "sleep"; i++)
        {
            Assert.False(process.HasExited || i > 500, "the shell could not move itself into the cgroups");
            Thread.Sleep(10);
        }

        return process;
    }

    private long Number(CgroupHierarchy hierarchy, string name)
        => long.Parse(File.ReadAllText($"{hierarchy.MountPoint}{_name}/{name}"), CultureInfo.InvariantCulture);

    private void RemoveAll()
    {
        _made.Reverse();
        _made.ForEach(RemoveWhenEmpty);
        _made.Clear();
    }

    // A process that has just ended may still be in its cgroup for a moment.
    private static void RemoveWhenEmpty(string directory)
    {
        for (int i = 0; Directory.Exists(directory); i++)
        {
            try
            {
                // rmdir(2): the files in it cannot be and need not be deleted
                Directory.Delete(directory);
            }
            catch (IOException) when (i < 200)
            {
                Thread.Sleep(10);
            }
        }
    }
}
