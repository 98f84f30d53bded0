namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1 CPU; asleep
public sealed class Show(ServedTree tree)
{
    [Fact]
    public void It_prints_what_the_container_reads()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, Quota = 100000 });

        foreach (string file in new[] { "cpuinfo", "swaps", "diskstats" })
        {
            Assert.Equal(container.Read("/proc/" + file), Of(file, "--pid", $"{container.Pid}"));
        }

        Assert.Equal(ProcText.Keys(container.Read("/proc/meminfo")), ProcText.Keys(Of("meminfo", "--pid", $"{container.Pid}")));
        Assert.Equal(64 << 10, ProcText.Kib(Of("meminfo", "--pid", $"{container.Pid}"), "MemTotal"));
        Assert.Equal(["cpu", "cpu0"], ProcText.Keys(Of("stat", "--pid", $"{container.Pid}")).Take(2));
        double before = ProcText.Uptime(container.Read("/proc/uptime")), shown = ProcText.Uptime(Of("uptime", "--pid", $"{container.Pid}"));
        Assert.InRange(shown, before - 0.01, ProcText.Uptime(container.Read("/proc/uptime")) + 0.01);
    }

    [Fact]
    public void It_prints_what_a_container_in_a_cgroup_would_read()
    {
        using TestCgroup cgroup = new("shown");
        cgroup.Memory(80 << 20);
        TestCgroup.SetQuota(cgroup.Path, 100000);

        Assert.Equal(80 << 10, ProcText.Kib(Of("meminfo", "--cgroup", cgroup.Path), "MemTotal"));
        Assert.Equal(["0"], ProcText.CpuinfoValues(Of("cpuinfo", "--cgroup", cgroup.Path), "processor"));
    }

    [Fact]
    public void A_process_that_is_not_there_is_said_to_be_missing()
    {
        Output output = Child.Run(Daemon.Binary, "show", "meminfo", "--pid", "2147483647");

        Assert.Equal(1, output.ExitCode);
        Assert.Contains("2147483647", Assert.Single(ProcText.Lines(output.Error)), StringComparison.Ordinal);
    }

    private static string Of(string file, params string[] whose) => Child.Run([Daemon.Binary, "show", file, .. whose]).Ok();
}
