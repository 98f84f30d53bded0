using ProcFs.Doctor;
using ProcFs.Doctor.Checks;
using ProcFs.Interop;

namespace ProcFs.Tests;

/// <summary>What doctor says of hosts that this one is not: other kernels, systemd, AppArmor.</summary>
public sealed class DoctorHostTests : IDisposable
{
    private readonly DoctorTree _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void An_old_kernel_cannot_attach()
    {
        _host.Write("/proc/sys/kernel/osrelease", "5.4.0-150-generic\n");
        _host.Features = [new("mount_setattr", new Version(5, 12), null, true), new("requests sent again", new Version(6, 9), null, false)];
        IReadOnlyList<Finding> found = _host.Look(new KernelCheck());
        Assert.Equal([CheckState.Warning, CheckState.Note], found.Select(finding => finding.State));
        Assert.StartsWith("Linux 5.4.0-150-generic lacks mount_setattr (Linux 5.12)", found[0].Text, StringComparison.Ordinal);
        Assert.Contains("requests sent again (Linux 6.9)", found[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_tried_out_counts_before_the_version()
    {
        _host.Features = [new("openat2", new Version(5, 6), false, true)];
        Assert.StartsWith("warning: Linux 6.12.3-amd64 lacks openat2", _host.Find(new KernelCheck()), StringComparison.Ordinal);
        _host.Features = [new("openat2", new Version(99, 0), true, true)];
        Assert.StartsWith("ok: Linux 6.12.3-amd64 has all that is needed (openat2)", _host.Find(new KernelCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void This_kernel_is_asked_without_harm()
        => Assert.All(KernelFeature.Probe().Where(feature => feature.IsForAttaching), feature => Assert.NotEqual(false, feature.Has));

    [Fact]
    public void A_kernel_without_FUSE()
    {
        _host.Write("/proc/filesystems", "nodev\tsysfs\nnodev\tfusectl\n");
        Finding finding = Assert.Single(_host.Look(new FuseDeviceCheck()));
        Assert.Equal((CheckState.Bad, Mend.Run("modprobe fuse")), (finding.State, finding.Mend));
    }

    [Theory]
    [InlineData("cpuset cpu io memory", "cpuset cpu io memory", "ok: memory, cpu, cpuset, io are passed on")]
    [InlineData("cpuset cpu io memory", "cpu memory", "note: * does not pass on cpuset, io: containers have no such limits and counters")]
    [InlineData("cpuset cpu io memory pids", "pids", "warning: * does not pass on memory, cpu, cpuset, io: containers have no such limits and counters, and are shown the host's memory")]
    [InlineData("hugetlb", "", "ok: * has none of the controllers that are used")]
    public void Controllers_of_v2_have_to_be_passed_on(string there, string passedOn, string expected)
    {
        _host.Write("/sys/fs/cgroup/cgroup.controllers", there + "\n");
        _host.Write("/sys/fs/cgroup/cgroup.subtree_control", passedOn + "\n");
        Finding finding = Assert.Single(_host.Look(new DelegationCheck()));
        string place = _host.Host().Places.Roots.Cgroup;
        Assert.Equal(expected.Replace("*", place, StringComparison.Ordinal), $"{CheckStates.Word(finding.State)}: {finding.Text}");
        Assert.Equal(finding.State == CheckState.Ok ? null : "cgroup.subtree_control", finding.Mend?.Line.Split('/')[^1]);
    }

    [Fact]
    public void No_controller_at_all()
    {
        Finding finding = Assert.Single(_host.Look(new CgroupCheck()));
        Assert.Equal(CheckState.Bad, finding.State);
    }

    [Theory]
    [InlineData("N\n", "", "ok: AppArmor is not in use")]
    [InlineData("Y\n", "", "note: AppArmor is in use, and the kernel's log cannot be read")]
    [InlineData("Y\n", "6,1,1,-;Linux version\n", "ok: AppArmor is in use, and has refused nothing")]
    [InlineData("Y\n", "5,2,3,-;audit: type=1400 audit(1.2:3): apparmor=\"DENIED\" operation=\"open\" profile=\"cupsd\" pid=7 comm=\"cupsd\"\n", "ok: AppArmor is in use")]
    public void Apparmor(string enabled, string log, string expected)
    {
        _host.Write("/sys/module/apparmor/parameters/enabled", enabled);
        _host.KernelLog = log;
        Assert.StartsWith(expected, _host.Find(new ApparmorCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void Lxcfs_beside()
    {
        _host.Write("/proc/self/mountinfo", DoctorTree.Mounts + "9 1 0:50 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n");
        Assert.StartsWith("note: lxcfs serves /var/lib/lxcfs beside", _host.Find(new LxcfsCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_read_by_way_of_a_FUSE_mount()
    {
        _host.Write("/proc/self/mountinfo", DoctorTree.Mounts + "9 1 0:50 / /mnt/far rw - fuse.sshfs far:/ rw\n10 1 0:51 / /mnt/near rw - fuseblk /dev/b rw\n");
        _host.Write("/mnt/far/file", "x");
        _host.Write("/mnt/near/file", "x");
        _host.Write("/mnt/file", "x");
        _host.Link("/etc/link", "../mnt/far/file");
        _host.Link("/etc/around", "/mnt/far/../file");
        _host.Link("/etc/loop", "loop");
        HostFiles files = _host.Host().Files;
        foreach (string path in new[] { "/mnt/far/file", "/mnt/near/file", "/etc/link", "/etc/around", "/mnt/far" })
        {
            Assert.Null(files.Resolve(path, out Errno error));
            Assert.Equal(Errno.EXDEV, error);
            Assert.Null(files.Read(path, out string? defect));
            Assert.Contains("lies on a FUSE mount", defect, StringComparison.Ordinal);
        }

        Assert.Equal("x", files.Read("/mnt/file"));
        Assert.Null(files.Resolve("/etc/loop", out Errno loop));
        Assert.Equal(Errno.ELOOP, loop);
    }

    [Fact]
    public void What_is_no_regular_file_is_not_read()
    {
        HostFiles files = _host.Host().Files;
        Assert.Null(files.Read("/etc/none", out string? missing));
        Assert.Null(missing);
        _host.Write("/etc/d/file", "");
        Assert.Null(files.Read("/etc/d", out string? defect));
        Assert.Equal("/etc/d is no regular file", defect);
        _host.Write("/etc/long", new string('x', (1 << 20) + 1));
        Assert.Null(files.Read("/etc/long", out defect));
        Assert.Equal("/etc/long is longer than 1 MiB", defect);
    }
}
