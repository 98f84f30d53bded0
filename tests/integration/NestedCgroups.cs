namespace ProcFs.Integration.Tests;

public sealed class NestedCgroups(ServedTree tree)
{
    // /procfs-test-N
    //   pod              memory 96 MiB, quota 1 CPU
    //     container-1    no limits
    [Fact]
    public void A_limit_of_the_parent_holds_in_the_container()
    {
        using TestCgroup pod = new("pod");
        pod.Memory(96 << 20);
        TestCgroup.SetQuota(pod.Path, 100000);
        using OciContainer container = tree.Run(new() { Cgroup = "pod/container" });

        Assert.Equal(96 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        CpuView.AssertShows(1, container);
    }

    // /procfs-test-N
    //   pod              memory 96 MiB, 40 MiB of it used by a neighbour
    //     container-1    no limits
    //     neighbour
    [Fact]
    public void What_a_neighbour_below_the_same_limit_uses_is_not_free()
    {
        using TestCgroup pod = new("shared-pod");
        pod.Memory(96 << 20);
        using TestCgroup neighbour = new("shared-pod/neighbour");
        using OciContainer container = tree.Run(new() { Cgroup = "shared-pod/container" });
        long before = ProcText.Kib(container.Read("/proc/meminfo"), "MemFree");

        using Running hog = neighbour.Start("/usr/bin/python3", "-c", "held = bytearray(40 << 20); import time; time.sleep(600)");
        string usage = pod.FileOf("memory", "memory.usage_in_bytes", "memory.current");
        Assert.True(Pace.Until(20, () => long.Parse(File.ReadAllText(usage), System.Globalization.CultureInfo.InvariantCulture) > 40 << 20));

        Assert.InRange(before - ProcText.Kib(container.Read("/proc/meminfo"), "MemFree"), 38 << 10, 96 << 10);
    }

    // /procfs-test-N
    //   container-1      memory 96 MiB; its init
    //     inner          memory 32 MiB where it can have a limit (v1); a process of the container
    [Fact]
    public void A_process_in_an_inner_cgroup_sees_the_whole_container()
    {
        using OciContainer container = tree.Run(new() { Memory = 96 << 20, Quota = 100000 });
        using TestCgroup inner = new(container.CgroupPath[(TestCgroup.Parent.Length + 1)..] + "/inner");
        if (CgroupMounts.IsV1("memory"))
        {
            inner.Memory(32 << 20);
        }

        using Running reader = container.Start("sh", "-c", "echo $$; until [ -e /tmp/go ]; do sleep 0.1; done; cat /proc/meminfo");
        Assert.True(Pace.Until(10, () =>
        {
            // What the runtime begins with, and each sleep, ends soon.
            foreach (int pid in ContainerPids(container).Where(pid => pid != container.Pid))
            {
                try
                {
                    inner.Adopt(pid);
                }
                catch (IOException)
                {
                    // It has ended.
                }
            }

            return Pids(inner.Path).Any(pid => Processes.CommandLine(pid) is ["sh", "-c", ..]);
        }), "the reader is not in the inner cgroup");

        File.WriteAllText($"{container.Root}/tmp/go", "");

        Assert.Equal(96 << 10, ProcText.Kib(reader.Finish(Pace.Limit(20)).Ok(), "MemTotal"));
    }

    private static IEnumerable<int> ContainerPids(OciContainer container) => Pids(container.CgroupPath);

    private static IEnumerable<int> Pids(string cgroup) => File
        .ReadAllLines(TestCgroup.FileOf(cgroup, "memory", "cgroup.procs", "cgroup.procs"))
        .Select(l => int.Parse(l, System.Globalization.CultureInfo.InvariantCulture));
}
