namespace ProcFs.Integration.Tests;

/// <summary>A server ended between mount(2) and noting that: its journal says "not mounted", whatever has become of the mount since.</summary>
[Trait("run", "long")]
public sealed class HalfMounted(ServedTree tree)
{
    [Fact]
    public void The_mount_is_there()
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        string mount = FuseMounts.Identity(site.Mount);

        using Daemon next = site.HandOver(first.Pid, "--journal", "mounting");

        next.Expect("resumed");
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
        file.AssertReads();
    }

    [Fact]
    public void The_mount_was_taken_off_and_its_connection_has_ended()
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();

        // Without a file that is held open, the connection ends with the mount.
        using Daemon next = site.HandOver(first.Pid, "--journal", "mounting", "--detach");

        site.AssertServed();
        Assert.Single(FuseMounts.On(site.Mount));
        // And what it has made is whole: it can be carried on from.
        string mount = FuseMounts.Identity(site.Mount);
        using Daemon third = site.HandOver(next.Pid);
        third.Expect("resumed");
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
        site.AssertServed();
    }

    [Fact]
    public void The_mount_was_taken_off_and_a_container_holds_a_file()
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        string device = FuseMounts.Device(site.Mount);

        using Daemon next = site.HandOver(first.Pid, "--journal", "mounting", "--detach");

        site.AssertServed();
        Assert.Equal(device, FuseMounts.Device(site.Mount));
        file.AssertReads();
    }
}
