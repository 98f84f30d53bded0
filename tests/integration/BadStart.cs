using System.Globalization;

namespace ProcFs.Integration.Tests;

public sealed class BadStart(ServedTree tree)
{
    private const int Failed = 1, WrongUse = 2, Impossible = 3;

    [Fact]
    public void Without_dev_fuse()
    {
        // A private /dev that has nothing in it.
        Output output = Child.Run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev && exec \"$@\"", "sh", .. Serve(tree.NewDirectory("mount"))]);

        AssertRefused(output, Impossible, "/dev/fuse");
    }

    [Fact]
    public void Not_as_root()
    {
        // The binary may lie where only root may go.
        string copy = $"{tree.NewDirectory("bin")}/procfs";
        File.Copy(Daemon.Binary, copy);
        string[] serve = Serve(tree.NewDirectory("mount"));

        Output output = Child.Run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", copy, .. serve[1..]]);

        AssertRefused(output, Impossible, "root");
    }

    [Fact]
    public void On_a_mount_point_that_is_not_there() =>
        AssertRefused(Child.Run(Serve($"{tree.Scratch}/nowhere")), Failed, $"{tree.Scratch}/nowhere");

    [Fact]
    public void On_a_mount_point_that_is_a_file()
    {
        string file = $"{tree.NewDirectory("mount")}/file";
        File.WriteAllText(file, "");

        AssertRefused(Child.Run(Serve(file)), Failed, file);
    }

    [Fact]
    public void On_a_directory_that_is_not_empty()
    {
        string directory = tree.NewDirectory("mount");
        File.WriteAllText($"{directory}/somebodys-file", "");

        AssertRefused(Child.Run(Serve(directory)), Failed, directory);
        Assert.True(File.Exists($"{directory}/somebodys-file"));
    }

    [Fact]
    public void On_somebody_elses_mount()
    {
        string directory = tree.NewDirectory("mount");
        Child.Run("mount", "-t", "tmpfs", "not-ours", directory).Ok();
        try
        {
            AssertRefused(Child.Run(Serve(directory)), Failed, directory);
            Assert.Equal([("tmpfs", "not-ours")], FuseMounts.On(directory).Select(m => (m.Type, m.Source)));
        }
        finally
        {
            Child.Run("umount", directory).Ok();
        }
    }

    [Fact]
    public void A_node_is_looked_at_whatever_its_configuration_says()
    {
        string config = $"{tree.NewDirectory("config")}/procfs.json";
        File.WriteAllText(config, "{ oops");

        Output output = Child.Run(Daemon.Binary, "node", "status", "--here", "--engines", "none", "--config", config);

        Assert.InRange(output.ExitCode, 0, 1); // served or not
        Assert.Contains("this is not JSON", Assert.Single(ProcText.Lines(output.Out), line => line.Contains("1441", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.True(ProcText.Lines(output.Out).Count > 1, output.Out);
        // What is brought to a node is another matter.
        AssertRefused(Child.Run(Daemon.Binary, "node", "install", "--here", "--config", config), WrongUse, "line 1: this is not JSON");
    }

    [Theory]
    [InlineData("serve", "--no-such-option")]
    [InlineData("no-such-verb")]
    [InlineData("show")]
    [InlineData("show", "no-such-file")]
    [InlineData("show", "meminfo", "--pid", "minus-one")]
    [InlineData("run")]
    [InlineData("run", "--memory", "much", "--", "true")]
    [InlineData("run", "--cpus", "0", "--", "true")]
    public void With_a_wrong_command_line(params string[] arguments) =>
        AssertRefused(Child.Run([Daemon.Binary, .. arguments]), WrongUse, "");

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("{ \"no-such-key\": 1 }")]
    public void With_a_configuration_that_is_wrong(string text)
    {
        string config = $"{tree.NewDirectory("config")}/procfs.json";
        File.WriteAllText(config, text);

        AssertRefused(Child.Run([.. Serve(tree.NewDirectory("mount")), "--config", config]), WrongUse, config);
    }

    [Fact]
    public void With_a_configuration_file_that_is_not_there() =>
        AssertRefused(Child.Run([.. Serve(tree.NewDirectory("mount")), "--config", $"{tree.Scratch}/no.json"]), WrongUse, $"{tree.Scratch}/no.json");

    [Fact]
    public void With_a_cgroup_root_that_has_no_controllers()
    {
        string empty = tree.NewDirectory("cgroup");

        AssertRefused(Child.Run([.. Serve(tree.NewDirectory("mount")), "--cgroup-root", empty]), Impossible, empty);
    }

    [Fact]
    public void A_second_time_on_the_same_mount_names_the_first()
    {
        string mount = tree.NewDirectory("mount");
        string run = tree.NewDirectory("run");
        using Daemon first = Daemon.Start(mount, run);

        Output output = Child.Run(Daemon.Binary, "serve", "--mount", mount, "--run-dir", run);

        AssertRefused(output, Failed, first.Pid.ToString(CultureInfo.InvariantCulture));
        Assert.Single(FuseMounts.On(mount));
        Assert.StartsWith("MemTotal:", Child.Run("cat", $"{mount}/proc/meminfo").Ok(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve", "--help")]
    [InlineData("show", "--help")]
    [InlineData("run", "--help")]
    public void Help_is_no_failure(params string[] arguments)
    {
        Output help = Child.Run([Daemon.Binary, .. arguments]);

        Assert.Contains("Usage", help.Ok(), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(help.Error);
    }

    private string[] Serve(string mount) => [Daemon.Binary, "serve", "--mount", mount, "--run-dir", tree.NewDirectory("run")];

    /// <summary>One sentence on standard error: what failed, and on which path.</summary>
    private static void AssertRefused(Output output, int exitCode, string named)
    {
        Assert.True(output.ExitCode == exitCode, $"exit code {output.ExitCode} instead of {exitCode}: {output.Command}\n{output.Out}{output.Error}");
        string sentence = Assert.Single(ProcText.Lines(output.Error));
        Assert.Contains(named, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", sentence, StringComparison.Ordinal);
        Assert.Empty(output.Out);
    }
}
