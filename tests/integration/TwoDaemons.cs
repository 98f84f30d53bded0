using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>Several daemons on one host. Their files look the same, and the device number of a connection that has ended is given to the next one that anybody makes.</summary>
[Trait("run", "long")]
public sealed class TwoDaemons(ServedTree tree)
{
    /// <summary>A connection that the first one had has ended, and the second one's got its number; the line is of this version, or of one before marks.</summary>
    [Theory]
    [InlineData("{0} {1} 1234567890 {2}")]
    [InlineData("{0} {1} 0 {2}")]
    [InlineData("{0} {1}")]
    public void A_number_that_was_once_the_firsts_is_the_seconds_now(string line)
    {
        using Site first = new(tree), second = new(tree);
        using Daemon one = first.Serve(), two = second.Serve();
        using OciContainer registered = tree.Run(new() { IsBare = true }), bound = tree.Run(new() { Mount = second.Mount });
        Child.Run([.. second.Command("attach"), $"{registered.Pid}"]).Ok();
        string before = Mounts(registered) + Mounts(bound);
        string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").TrimEnd();
        string minor = FuseMounts.Device(second.Mount).Split(':')[1];
        File.AppendAllText($"{first.RunDirectory}/connections", string.Format(System.Globalization.CultureInfo.InvariantCulture, line, boot, minor, Path.GetFileName(first.PrivateMount)) + "\n");

        Child.Run([.. first.Command("attach"), "--all"]).Ok();
        Assert.Equal(before, Mounts(registered) + Mounts(bound));
        Child.Run([.. first.Command("detach"), "--all"]).Ok();
        Assert.Equal(before, Mounts(registered) + Mounts(bound));
        one.Signal(Signum.SIGTERM);
        Assert.Equal(0, one.WaitForExit());

        Assert.Equal(before, Mounts(registered) + Mounts(bound));
        Assert.StartsWith("MemTotal:", registered.Read("/proc/meminfo"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_mounts_of_one_run_directory()
    {
        using Site site = new(tree);
        string other = tree.NewDirectory("mount");
        using Daemon one = site.Serve(), two = Daemon.Start(other, site.RunDirectory);
        using OciContainer ofOne = tree.Run(new() { Mount = site.Mount }), ofTwo = tree.Run(new() { Mount = other });
        string before = Mounts(ofTwo);

        Child.Run([.. site.Command("attach"), "--all"]).Ok();
        Assert.Equal(before, Mounts(ofTwo));
        one.Signal(Signum.SIGTERM);
        Assert.Equal(0, one.WaitForExit());

        Assert.Equal("", Mounts(ofOne));
        Assert.Equal(before, Mounts(ofTwo));
        Assert.StartsWith("MemTotal:", ofTwo.Read("/proc/meminfo"), StringComparison.Ordinal);
        Child.Run(Daemon.Binary, "detach", "--all", "--run-dir", site.RunDirectory).Ok(); // whichever mount
        Assert.Equal("", Mounts(ofTwo));
    }

    private static string Mounts(OciContainer container) => string.Join('\n', container.OurFiles);
}
