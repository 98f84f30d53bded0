using ProcFs.Lxcfs;

namespace ProcFs.Tests;

/// <summary>lxcfs's command line, and what becomes of it.</summary>
public sealed class LxcfsTests
{
    [Theory]
    [InlineData("/var/lib/lxcfs", "--set cpuView=cpuset")]
    [InlineData("--enable-cfs /var/lib/lxcfs", "--set cpuView=quota")]
    [InlineData("-l -u /var/lib/lxcfs", "--set cpuView=cpuset --set swap=hide")]
    [InlineData("-lud /var/lib/lxcfs", "--set cpuView=cpuset --set swap=hide --set logLevel=debug")]
    [InlineData("--enable-loadavg --disable-swap --debug --enable-pidfd --enable-cgroup --enable-psi-poll -f -s -o allow_other -- /var/lib/lxcfs", "--set cpuView=cpuset --set swap=hide --set logLevel=debug")]
    [InlineData("/var/lib/lxcfs --enable-cfs", "--set cpuView=quota")]
    public void Its_options_are_understood(string line, string settings)
    {
        LxcfsOptions options = LxcfsOptions.Parse(line.Split(' '));
        Assert.Null(options.Defect);
        Assert.Equal($"supervise --mount /var/lib/lxcfs --run-dir /run/lxcfs {settings}", string.Join(' ', LxcfsProgram.Translate(options, _ => false)));
    }

    [Fact]
    public void A_configured_view_of_cpus_counts_before_the_absence_of_an_option()
    {
        Assert.DoesNotContain("--set", LxcfsProgram.Translate(LxcfsOptions.Parse(["/m"]), key => key == "cpuView"));
        Assert.Contains("cpuView=quota", LxcfsProgram.Translate(LxcfsOptions.Parse(["--enable-cfs", "/m"]), key => key == "cpuView"));
    }

    [Theory]
    [InlineData("/run/lxcfs.pid", "/run/lxcfs", "/m")]
    [InlineData("/p", "/run/lxcfs", "-p", "/p", "/m")]
    [InlineData("/p", "/run/lxcfs", "-p/p", "/m")]
    [InlineData("/p", "/run/lxcfs", "--pidfile=/p", "/m")]
    [InlineData("-p", "/run/lxcfs", "--pidfile", "-p", "/m")]
    [InlineData("/r/lxcfs.pid", "/r/lxcfs", "--runtime-dir=/r", "/m")]
    [InlineData("/p", "/r/lxcfs", "--runtime-dir", "/r", "/m", "--pidfile", "/p")]
    public void Its_files_are_where_they_are_wanted(string pidFile, string runDirectory, params string[] arguments)
    {
        LxcfsOptions options = LxcfsOptions.Parse(arguments);
        Assert.Equal((null, "/m", pidFile, runDirectory), (options.Defect, options.Mount, options.PidPath, options.RunDirectory));
    }

    [Theory]
    [InlineData("-l", "loadavg")]
    [InlineData("-s", "workers")]
    [InlineData("-o allow_other,nonempty", "allow_other,nonempty")]
    [InlineData("--enable-pidfd", "descriptors")]
    [InlineData("--enable-cgroup", "no cgroup tree is served")]
    [InlineData("--enable-psi-poll", "triggers")]
    public void What_makes_no_sense_here_is_noted(string line, string expected)
    {
        LxcfsOptions options = LxcfsOptions.Parse([.. line.Split(' '), "/m"]);
        Assert.Null(options.Defect);
        Assert.Contains(expected, Assert.Single(options.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no directory is given")]
    [InlineData("unknown option --bogus", "--bogus", "/m")]
    [InlineData("unknown option -x", "-lx", "/m")]
    [InlineData("--pidfile needs a value", "/m", "--pidfile")]
    [InlineData("--pidfile needs a value", "/m", "--pidfile=")]
    [InlineData("one directory can be served, not /a and /b", "/a", "/b")]
    public void What_is_wrong_is_said_in_one_sentence(string expected, params string[] arguments)
        => Assert.StartsWith(expected, LxcfsOptions.Parse(arguments).Defect, StringComparison.Ordinal);

    [Fact]
    public void A_pid_file_is_taken_away_by_who_wrote_it_alone()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("procfs-pid-").FullName, "lxcfs.pid");
        try
        {
            File.WriteAllText(path, "2147483646\n"); // of one that is gone
            using (PidFile.Write(path))
            {
                Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(path));
            }

            Assert.False(File.Exists(path));
            using (PidFile.Write(path))
            {
                File.WriteAllText(path, "1\n");
            }

            Assert.True(File.Exists(path));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-n")]
    [InlineData("-h")]
    public void Help_needs_no_directory(string option) => Assert.Equal((null, true), (LxcfsOptions.Parse([option]).Defect, LxcfsOptions.Parse([option]).WantsHelp));
}
