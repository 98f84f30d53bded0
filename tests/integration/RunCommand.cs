namespace ProcFs.Integration.Tests;

public sealed class RunCommand(ServedTree tree)
{
    private const string Look = "grep MemTotal /proc/meminfo; grep -c ^processor /proc/cpuinfo; getconf _NPROCESSORS_ONLN; cat /sys/devices/system/cpu/online";

    [Fact]
    public void A_command_sees_the_limits_it_is_run_with()
    {
        string seen = Run("--memory", "50m", "--cpus", "1", "--", "sh", "-c", Look).Ok();

        Assert.Equal("MemTotal:          51200 kB\n1\n1\n0\n", seen);
    }

    [Fact]
    public void A_cpuset_is_renumbered()
    {
        string seen = Run("--cpuset", $"{Host.Cpus[^1]}", "--", "sh", "-c", Look).Ok();

        Assert.EndsWith(" kB\n1\n1\n0\n", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -KILL $$", 137)]
    public void The_exit_code_is_the_commands(string script, int expected)
    {
        Assert.Equal(expected, Run("--memory", "50m", "--", "sh", "-c", script).ExitCode);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        string[] Cgroups() => [.. CgroupMounts.Relevant.SelectMany(h => Directory.EnumerateDirectories(h, "*procfs*", SearchOption.AllDirectories))
            .Where(d => !d.Contains(TestCgroup.Parent, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string[] before = Cgroups();
        string mounts = File.ReadAllText("/proc/self/mountinfo");

        Run("--memory", "50m", "--cpus", "1", "--", "true").Ok();

        Assert.Equal(mounts, File.ReadAllText("/proc/self/mountinfo"));
        Assert.Equal(before, Cgroups());
    }

    [Fact]
    public void It_needs_no_daemon()
    {
        string seen = Child.Run(Daemon.Binary, "run", "--mount", tree.NewDirectory("none"), "--run-dir", tree.NewDirectory("run"), "--memory", "50m", "--",
            "sh", "-c", Look).Ok();

        Assert.StartsWith("MemTotal:          51200 kB\n", seen, StringComparison.Ordinal);
    }

    private Output Run(params string[] arguments) => Child.Run([Daemon.Binary, "run", "--mount", tree.Mount, "--run-dir", $"{tree.Scratch}/run", .. arguments]);
}
