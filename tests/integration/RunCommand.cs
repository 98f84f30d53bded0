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
    public void The_exit_code_is_the_commands(string script, int expected)
    {
        Assert.Equal(expected, Run("--memory", "50m", "--", "sh", "-c", script).ExitCode);
    }

    [Fact]
    public void A_command_that_is_killed_ends_as_a_shell_would_say_it()
    {
        // From outside: the command is the init of its pid namespace, and the kernel spares an init from its own signals.
        string nap = $"98765.{Environment.ProcessId}";
        using Running run = Child.Start(Command("--memory", "50m", "--", "sleep", nap));
        int sleeper = 0;
        Assert.True(Pace.Until(15, () => (sleeper = ProcessOf("sleep\0" + nap + "\0")) != 0));

        _ = Mono.Unix.Native.Syscall.kill(sleeper, Mono.Unix.Native.Signum.SIGKILL);

        Assert.Equal(137, run.Finish(Pace.Limit(20)).ExitCode);
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

    private Output Run(params string[] arguments) => Child.Run(Command(arguments));

    private string[] Command(params string[] arguments) => [Daemon.Binary, "run", "--mount", tree.Mount, "--run-dir", $"{tree.Scratch}/run", .. arguments];

    private static int ProcessOf(string commandLine)
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(d[6])))
        {
            try
            {
                if (File.ReadAllText(directory + "/cmdline") == commandLine)
                {
                    return int.Parse(Path.GetFileName(directory), System.Globalization.CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return 0;
    }
}
