using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>Somebody does something to the mount while it is served: that is told within a beat, and put right at the next start.</summary>
[Trait("run", "long")]
public sealed class TakenOff(ServedTree tree)
{
    [Fact]
    public void Unmounted_while_a_container_holds_a_file()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo"), later = new($"{site.Mount}/proc/meminfo");
        string device = FuseMounts.Device(site.Mount);

        Child.Run("umount", "--lazy", site.Mount).Ok();
        first.Expect("was unmounted by somebody", 6);
        file.AssertReads();
        first.Signal(Signum.SIGTERM);
        Assert.Equal(0, first.WaitForExit());
        using Daemon next = site.Serve();

        next.Expect("it is mounted again");
        Assert.Equal(device, FuseMounts.Device(site.Mount));
        site.AssertServed();
        later.AssertReads();
    }

    [Fact]
    public void Covered_by_another_file_system_and_uncovered()
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();

        Child.Run("mount", "-t", "tmpfs", "tmpfs", site.Mount).Ok();
        server.Expect("is covered", 6);
        Child.Run("umount", site.Mount).Ok();
        Thread.Sleep(Pace.Limit(6));

        site.AssertServed();
        Assert.Contains("tmpfs", Assert.Single(server.Lines("is covered")), StringComparison.Ordinal);
        Assert.Empty(server.Lines("was unmounted"));
    }
}
