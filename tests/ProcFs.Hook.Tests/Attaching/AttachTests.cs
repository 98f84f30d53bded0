using ProcFs.Hook.Attaching;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Attaching;

/// <summary>Attach and detach on real mount namespaces. Needs root and /dev/fuse.</summary>
public sealed class AttachTests
{
    private static readonly string[] Files = ["proc/meminfo", "proc/uptime", "proc/pressure/cpu", "sys/devices/system/cpu/online"];

    [Fact]
    public void Bare_files_get_ours_read_only_and_a_second_attach_finds_them()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        AttachReport report = container.Attach(mount, mount.Own, Files);
        Assert.Null(report.Refusal);
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Attached, file.Outcome));
        Assert.All(Files, file => Assert.Equal($"ours c/7/{file}\n", container.Read(file)));
        Assert.All(container.Mounts.Where(line => line.Contains("fuse.procfs", StringComparison.Ordinal) && line.Contains(" /c/7/", StringComparison.Ordinal)),
            line => Assert.StartsWith(line.Contains("/proc/pressure/", StringComparison.Ordinal) ? "rw,nosuid,nodev,noexec" : "ro,nosuid,nodev,noexec", line.Split(' ')[5], StringComparison.Ordinal));

        int layers = container.OwnLayers;
        report = container.Attach(mount, mount.Own, Files);
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Present, file.Outcome));
        Assert.Equal(layers, container.OwnLayers);
    }

    [Fact]
    public void Dead_files_are_replaced_and_one_layer_is_left()
    {
        Root.IsNeeded();
        using Container container = Container.WithPids();
        using ServedMount mount = new();
        using (ServedMount lost = new())
        {
            container.Attach(lost, lost.Own, Files);
            lost.Kill();
            Assert.Contains("Transport endpoint is not connected", container.Read("proc/meminfo"), StringComparison.Ordinal);
            AttachReport report = container.Attach(mount, mount.After(lost), Files);
            Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Replaced, file.Outcome));
            Assert.All(Files, file => Assert.Equal($"ours c/7/{file}\n", container.Read(file)));
        }

        Assert.All(Files, file => Assert.Equal(1, LayersOn(container, "/" + file)));
    }

    [Fact]
    public void A_dead_file_of_somebody_else_is_left_alone()
    {
        Root.IsNeeded();
        using Container container = Container.WithPids();
        using ServedMount mount = new();
        using ServedMount theirs = new();
        container.Attach(theirs, theirs.Own, "proc/meminfo");
        theirs.Kill();
        AttachReport report = container.Attach(mount, mount.Own, Files); // its minor is none of ours
        Assert.Equal([AttachOutcome.Foreign, AttachOutcome.Attached, AttachOutcome.Attached, AttachOutcome.Attached], report.Files.Select(file => file.Outcome));
        Assert.Contains("Transport endpoint is not connected", container.Read("proc/meminfo"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_live_file_of_another_number_is_replaced()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        AttachRequest request = container.Request(mount, mount.Own, Files);
        Attacher.Attach(request with { SourceDirectory = mount.Directory + "/c/8" });
        Assert.Equal("ours c/8/proc/uptime\n", container.Read("proc/uptime"));
        int layers = container.OwnLayers;
        Assert.All(Attacher.Attach(request).Files, file => Assert.Equal(AttachOutcome.Replaced, file.Outcome));
        Assert.Equal("ours c/7/proc/uptime\n", container.Read("proc/uptime"));
        Assert.Equal(layers, container.OwnLayers);
        Attacher.Attach(request with { SourceDirectory = mount.Directory + "/common" });
        Assert.Equal("ours common/proc/uptime\n", container.Read("proc/uptime"));
        Assert.Equal(layers, container.OwnLayers);
    }

    [Fact]
    public void Dead_layers_one_on_another_are_all_removed()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using ServedMount lost = new();
        using ServedMount lostToo = new();
        using Container container = Container.WithPids();
        // What somebody's own binds could have made: the engine itself stacks nothing that is not locked.
        container.Attach(lost, lost.Own, "proc/meminfo");
        container.Shell($"mount --bind {lostToo.Directory}/c/7/proc/meminfo /proc/meminfo; mount --bind {lost.Directory}/c/8/proc/meminfo /proc/meminfo");
        Assert.Equal(3, LayersOn(container, "/proc/meminfo"));
        lost.Kill();
        lostToo.Kill();
        AttachReport report = container.Attach(mount, mount.After(lost, lostToo), "proc/meminfo");
        Assert.Equal(AttachOutcome.Replaced, Assert.Single(report.Files).Outcome);
        Assert.Equal("ours c/7/proc/meminfo\n", container.Read("proc/meminfo"));
        Assert.Equal(1, LayersOn(container, "/proc/meminfo"));
    }

    [Fact]
    public void A_locked_dead_file_is_covered()
    {
        Root.IsNeeded();
        using Container container = Container.Plain();
        using ServedMount mount = new();
        using ServedMount lost = new();
        container.Attach(lost, lost.Own, Files);
        using Container copy = container.Copy("-U", "-r"); // its mounts came from a more privileged user namespace
        lost.Kill();
        AttachReport report = copy.Attach(mount, mount.After(lost), Files);
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Stacked, file.Outcome));
        Assert.All(Files, file => Assert.Equal($"ours c/7/{file}\n", copy.Read(file)));
        Assert.Equal(2, LayersOn(copy, "/proc/meminfo"));
        Assert.All(copy.Attach(mount, mount.After(lost), Files).Files, file => Assert.Equal(AttachOutcome.Present, file.Outcome));
        Assert.Contains("not connected", container.Read("proc/meminfo"), StringComparison.Ordinal); // the other namespace is another one
    }

    [Fact]
    public void A_user_namespace_and_a_read_only_root_are_no_obstacle()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids("-U", "-r");
        container.Shell("mount -o remount,bind,ro /");
        Assert.All(container.Attach(mount, mount.Own, Files[..3]).Files, file => Assert.Equal(AttachOutcome.Attached, file.Outcome));
        Assert.Equal("ours c/7/proc/pressure/cpu\n", container.Read("proc/pressure/cpu"));
    }

    [Fact]
    public void Masks_and_binds_of_others_stay_and_files_bound_upon_themselves_are_bare()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Shell("mount --bind /dev/null /proc/meminfo; mount --bind /etc/hostname /proc/stat; mount -t tmpfs none /proc/pressure; "
            + "mount --bind /proc/uptime /proc/uptime && mount -o remount,bind,ro /proc/uptime");
        string[] before = container.MountsOnKernelFiles;
        AttachReport report = container.Attach(mount, mount.Own, "proc/meminfo", "proc/stat", "proc/pressure/cpu", "proc/uptime");
        Assert.Equal([AttachOutcome.Foreign, AttachOutcome.Foreign, AttachOutcome.Foreign, AttachOutcome.Attached], report.Files.Select(file => file.Outcome));
        Assert.Equal("ours c/7/proc/uptime\n", container.Read("proc/uptime"));
        Assert.Equal(before, container.MountsOnKernelFiles[..^1]);
    }

    [Fact]
    public void Files_that_will_be_masked_are_left_alone_and_missing_ones_are_told()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        AttachRequest request = container.Request(mount, mount.Own, "proc/meminfo", "proc/pressure/cpu", "proc/nothing", "proc/uptime");
        AttachReport report = Attacher.Attach(request with { Masked = ["proc/meminfo", "proc/pressure", "proc/upt"] });
        Assert.Equal(
            [AttachOutcome.Foreign, AttachOutcome.Foreign, AttachOutcome.Missing, AttachOutcome.Attached],
            report.Files.Select(file => file.Outcome));
    }

    [Fact]
    public void Before_pivot_root_the_files_go_below_the_root_to_be()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Shell("mount -t tmpfs none /mnt && mkdir -p /mnt/rootfs/proc /mnt/rootfs/sys && mount -t proc proc /mnt/rootfs/proc "
            + "&& mount -t sysfs sysfs /mnt/rootfs/sys && ln -s rootfs /mnt/link");
        AttachReport report = Attacher.Attach(container.Request(mount, mount.Own, Files) with { RootPath = "/mnt/link" });
        Assert.Null(report.Refusal);
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Attached, file.Outcome));
        Assert.Equal("ours c/7/proc/meminfo\n", container.Read("mnt/rootfs/proc/meminfo"));
        Assert.StartsWith("MemTotal:", container.Read("proc/meminfo"), StringComparison.Ordinal);
    }

    [Fact]
    public void Detach_takes_live_and_dead_layers_off_and_nothing_else()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using ServedMount lost = new();
        using Container container = Container.WithPids();
        container.Shell("mount --bind /etc/hostname /proc/stat");
        string[] before = container.MountsOnKernelFiles;
        container.Attach(lost, lost.Own, "proc/meminfo", "proc/uptime");
        container.Shell($"mount --bind {mount.Directory}/c/8/proc/meminfo /proc/meminfo");
        container.Attach(mount, mount.Own, "proc/pressure/cpu", "sys/devices/system/cpu/online");
        lost.Kill();
        AttachReport report = container.Detach(mount.After(lost));
        Assert.Equal(
            ["proc/meminfo", "proc/pressure/cpu", "proc/uptime", "sys/devices/system/cpu/online"],
            report.Files.Select(file => file.File));
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Detached, file.Outcome));
        Assert.Equal(before, container.MountsOnKernelFiles);
        Assert.StartsWith("MemTotal:", container.Read("proc/meminfo"), StringComparison.Ordinal);
        Assert.Empty(container.Detach(mount.After(lost)).Files);
    }

    [Fact]
    public void Detach_leaves_what_lies_under_a_foreign_mount()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Attach(mount, mount.Own, "proc/meminfo");
        container.Shell("mount --bind /etc/hostname /proc/meminfo");
        string[] before = container.MountsOnKernelFiles;
        Assert.Equal(new AttachedFile("proc/meminfo", AttachOutcome.Foreign), Assert.Single(container.Detach(mount.Own).Files));
        Assert.Equal(before, container.MountsOnKernelFiles);
    }

    private static int LayersOn(Container container, string path) => container.Mounts.Count(line => line.Split(' ')[4] == path);
}
