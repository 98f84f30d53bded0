namespace ProcFs.Integration.Tests;

/// <summary>The SELinux label of the mount: left out where SELinux is off, and what containers need where a policy confines them.</summary>
public sealed class MountLabel(ServedTree tree) : IDisposable
{
    private const string Label = "system_u:object_r:container_file_t:s0";
    private const string NoSelinux = "SELinux is off here: needs a guest that is started with it, and checkpolicy for its policy: ./build.sh vm-test";
    private const string Enforce = "/sys/fs/selinux/enforce";
    private const string DefaultConfig = "/etc/procfs/procfs.json";

    /// <summary>The policy that ./build.sh makes of selinux/policy.conf.</summary>
    private static readonly string Policy = $"{Daemon.Repository}/artifacts/selinux.policy";

    private static readonly bool IsOn = File.ReadAllText("/proc/filesystems").Contains("\tselinuxfs\n", StringComparison.Ordinal);

    private static readonly bool CanRun = IsOn && Guest.IsHere && File.Exists(Policy);

    public void Dispose()
    {
        if (CanRun)
        {
            Child.Shell($"[ ! -f {Enforce} ] || echo 0 >{Enforce}").Ok();
            RemoveConfig();
        }
    }

    [Fact]
    public void Is_left_out_where_SELinux_is_off()
    {
        Assert.SkipWhen(IsOn, "SELinux is on here");
        using Site site = new(tree);
        using Daemon daemon = Daemon.Launch(null, [.. site.ServeCommand, "--selinux-context", Label]);
        Assert.Contains(Label, Assert.Single(daemon.Lines("SELinux is not in use on this host")), StringComparison.Ordinal);
        site.AssertServed();
        Assert.Null(FuseMounts.Context(site.Mount));
    }

    [Fact]
    public void A_container_reads_by_it_and_mounts_that_are_made_again_have_it()
    {
        LoadPolicy();
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = Daemon.Launch(null, [.. site.ServeCommand, "--selinux-context", Label]);
        string device = FuseMounts.Device(site.Mount), place = site.PrivateMount;
        Assert.Equal((Label, Label), (FuseMounts.Context(place), FuseMounts.Context(site.Mount)));
        Assert.StartsWith("MemTotal:", Confined(site).Ok(), StringComparison.Ordinal);
        new Doctoring.Doctor(tree, site).ExpectOk("selinux");

        // The one that takes over is not told of a label: that of the connection counts.
        Child.Run("umount", "--lazy", place).Ok();
        first.Kill();
        using Daemon second = site.Serve();
        second.Expect("it is mounted again");
        Assert.Equal((device, Label), (FuseMounts.Device(place), FuseMounts.Context(place)));

        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        Child.Run("umount", "--lazy", site.Mount).Ok();
        Child.Run("umount", "--lazy", place).Ok();
        second.Kill();
        using Daemon third = Daemon.Launch(null, [.. site.ServeCommand, "--selinux-context", Label]);
        third.Expect("it is mounted again");
        Assert.Equal((device, Label, Label), (FuseMounts.Device(place), FuseMounts.Context(place), FuseMounts.Context(site.Mount)));
        file.AssertReads();
        Assert.StartsWith("MemTotal:", Confined(site).Ok(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_it_a_container_is_refused_and_what_doctor_says_mends_that()
    {
        LoadPolicy();
        RemoveConfig();
        using Site site = new(tree);
        using Daemon daemon = site.Serve();
        Assert.Null(FuseMounts.Context(site.Mount));
        Assert.Contains("Permission denied", Confined(site).Error, StringComparison.Ordinal);

        new Doctoring.Doctor(tree, site).Mend("selinux", "bad", "keeps containers");
        site.AssertServedSoon();
        Assert.Equal(Label, FuseMounts.Context(site.Mount));
        Assert.StartsWith("MemTotal:", Confined(site).Ok(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_the_policy_does_not_know_is_told()
    {
        LoadPolicy();
        using Site site = new(tree);
        site.AssertRefused("the policy of SELinux on this host may not know the label u:r:unknown_t:s0: choose one that it has", [.. site.ServeCommand, "--selinux-context", "u:r:unknown_t:s0"]);
    }

    /// <summary>A program in the domain of containers, with categories as each of them has its own, reads a file of the mount.</summary>
    private static Output Confined(Site site)
        => Child.Shell("printf system_u:system_r:container_t:s0:c1,c2 >/proc/self/attr/current && exec cat \"$1\"", $"{site.Mount}/proc/meminfo");

    private static void RemoveConfig() => Child.Run("rm", "-f", DefaultConfig).Ok();

    private static void LoadPolicy()
    {
        Assert.SkipUnless(CanRun, NoSelinux);
        Child.Shell($"""
            [ -f {Enforce} ] || mount -t selinuxfs selinuxfs /sys/fs/selinux
            grep -q : /proc/self/attr/current || cat "$1" >/sys/fs/selinux/load
            echo 1 >{Enforce}
            """, Policy).Ok();
    }
}
