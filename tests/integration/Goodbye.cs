using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary><c>procfs serve --unmount</c>: what it says is true, and nothing is left of what it ended.</summary>
[Trait("run", "long")]
public sealed class Goodbye(ServedTree tree)
{
    [Fact]
    public void Under_a_supervisor_which_ends_too()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        Assert.Single(site.StateFiles);

        Assert.Equal($"{site.Mount} is unmounted", Say(site).Line());

        Assert.Equal(0, supervise.WaitForExit());
        Assert.Empty(site.Servers);
        AssertNothingLeft(site);
    }

    [Fact]
    public void After_a_server_that_was_stopped()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon server = site.Serve();
        server.Signal(Signum.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.Single(FuseMounts.On(site.Mount));
        Assert.Single(site.StateFiles);

        Assert.Equal($"{site.Mount} is unmounted", Say(site).Line());

        AssertNothingLeft(site);
        Assert.False(keeper.HasExited, "the keeper has ended: it may have other mounts");
        Assert.False(Site.HoldsDevice(keeper.Pid));
        // And the next server begins anew.
        using Daemon next = site.Serve();
        site.AssertServed();
        Assert.Empty(next.Lines("resumed"));
    }

    [Fact]
    public void Of_a_mount_whose_server_was_killed()
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();
        server.Kill();
        Assert.Single(FuseMounts.On(site.Mount));

        Assert.Equal($"{site.Mount} is unmounted", Say(site).Line());

        AssertNothingLeft(site);
    }

    [Fact]
    public void Where_nothing_is_mounted()
    {
        using Site site = new(tree);

        Assert.Equal($"{site.Mount} was not mounted", Say(site).Line());
        Assert.Equal($"{site.Mount} was not mounted", Say(site).Line());

        AssertNothingLeft(site);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void While_a_server_is_at_work_it_is_refused(bool isKept)
    {
        using Site site = new(tree);
        using Daemon? keeper = isKept ? site.Keep() : null;
        using Daemon server = site.Serve();

        site.AssertRefused(string.Create(CultureInfo.InvariantCulture, $"process {server.Pid}"), [.. site.ServeCommand, "--unmount"]);

        site.AssertServed();
        Assert.Single(site.StateFiles);
        Assert.True(!isKept || Site.HoldsDevice(keeper!.Pid), "the keeper keeps nothing any more");
    }

    [Fact]
    public void Under_the_mount_of_somebody_else_it_is_refused()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        Child.Run("mount", "-t", "tmpfs", "tmpfs", site.Mount).Ok();

        site.AssertRefused("tmpfs", [.. site.ServeCommand, "--unmount"]);

        Assert.Equal(["fuse.procfs", "tmpfs"], FuseMounts.On(site.Mount).Select(m => m.Type));
        Assert.Single(site.Servers);
        Child.Run("umount", site.Mount).Ok();
        site.AssertServed();
    }

    private static Output Say(Site site) => Child.Run([.. site.ServeCommand, "--unmount"]);

    private static void AssertNothingLeft(Site site)
    {
        Assert.Empty(FuseMounts.On(site.Mount));
        Assert.Empty(site.StateFiles);
    }
}
