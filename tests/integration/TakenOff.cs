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
        using Daemon first = Watched(site);
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
        using Daemon server = Watched(site);

        Child.Run("mount", "-t", "tmpfs", "tmpfs", site.Mount).Ok();
        server.Expect("is covered", 6);
        Child.Run("umount", site.Mount).Ok();
        Thread.Sleep(Pace.Limit(6));

        site.AssertServed();
        Assert.Contains("tmpfs", Assert.Single(server.Lines("is covered")), StringComparison.Ordinal);
        Assert.Empty(server.Lines("was unmounted"));
    }

    [Fact]
    public void The_private_mount_is_unmounted()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = Watched(site);
        string device = FuseMounts.Device(site.Mount), place = site.PrivateMount;

        Child.Run("umount", "--lazy", place).Ok();
        first.Expect("was unmounted by somebody", 6);
        Assert.Contains(place, Assert.Single(first.Lines("was unmounted by somebody")).Replace(@"\\", @"\", StringComparison.Ordinal), StringComparison.Ordinal);
        site.AssertServed();
        first.Kill();
        using Daemon next = site.Serve();

        next.Expect("it is mounted again");
        Assert.Equal((device, "/"), (FuseMounts.Device(place), FuseMounts.Root(place)));
        Assert.Equal((device, "/common"), (FuseMounts.Device(site.Mount), FuseMounts.Root(site.Mount)));
        site.AssertServed();
    }

    [Fact]
    public void Both_are_unmounted_while_a_container_holds_a_file()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        string device = FuseMounts.Device(site.Mount), place = site.PrivateMount;

        Child.Run("umount", "--lazy", site.Mount).Ok();
        Child.Run("umount", "--lazy", place).Ok();
        first.Kill();
        using Daemon next = site.Serve();

        next.Expect("resumed");
        Assert.Equal((device, device), (FuseMounts.Device(place), FuseMounts.Device(site.Mount)));
        site.AssertServed();
        file.AssertReads();
    }

    [Fact]
    public void Covered_while_no_server_runs_a_container_is_served_on()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        first.Kill();
        Child.Run("umount", "--lazy", site.Mount).Ok();
        Child.Run("mount", "-t", "tmpfs", "tmpfs", site.Mount).Ok();

        using Daemon next = site.Serve();

        next.Expect("cannot be mounted again");
        Assert.Equal("tmpfs", Assert.Single(FuseMounts.On(site.Mount)).Type);
        file.AssertReads();
        Child.Run("umount", site.Mount).Ok();
    }

    /// <summary>A server that watches its mounts: it begins with that a moment after it serves.</summary>
    private static Daemon Watched(Site site)
    {
        Daemon server = site.Serve();
        server.Expect("something attached to");
        return server;
    }
}
