using ProcFs.Hook.Attaching;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Attaching;

/// <summary>/sys/devices/system/cpu as a whole: on the kernel's, in the place of single files of an earlier version, and off again.</summary>
public sealed class CpuDirectoryTests
{
    private const string Cpu = CpuDirectory.Name;
    private const string Online = Cpu + "/online";
    private const string Present = Cpu + "/present";

    [Fact]
    public void The_directory_is_attached_once_and_read_only()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        string[] before = container.MountsOnKernelFiles;
        Assert.Equal([new AttachedFile("proc/meminfo", AttachOutcome.Attached), new AttachedFile(Cpu, AttachOutcome.Attached)],
            container.Attach(mount, mount.Own, "proc/meminfo", Cpu).Files);
        Assert.Equal($"ours c/7/{Online}\n", container.Read(Online));
        Assert.StartsWith("ro,nosuid,nodev,noexec", container.Mounts.Single(line => line.Split(' ')[4] == "/" + Cpu).Split(' ')[5], StringComparison.Ordinal);
        Assert.Equal(AttachOutcome.Present, Assert.Single(container.Attach(mount, mount.Own, Cpu).Files).Outcome);
        Assert.Equal(["proc/meminfo", Cpu], container.Detach(mount.Own).Files.Select(file => file.File));
        Assert.Equal(before, container.MountsOnKernelFiles);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_takes_the_place_of_single_files(bool areDead)
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using ServedMount earlier = new();
        using Container container = Container.WithPids();
        string[] before = container.MountsOnKernelFiles;
        container.Attach(earlier, earlier.Own, Online, Present);
        container.Shell($"mount --bind {earlier.Directory}/c/8/{Online} /{Online}"); // and one more layer
        if (areDead)
        {
            earlier.Kill();
        }

        // As attach asks for it: the directory, and whatever is dead.
        OwnMounts own = mount.After(earlier);
        Assert.Equal([new AttachedFile(Cpu, AttachOutcome.Attached)], container.Attach(mount, own, areDead ? [Online, Present, Cpu] : [Cpu]).Files);
        Assert.Equal($"ours c/7/{Present}\n", container.Read(Present));
        Assert.Equal(1, container.OwnLayers - OfTheHost());
        Assert.Equal([new AttachedFile(Cpu, AttachOutcome.Present)], container.Attach(mount, own, Online, Cpu).Files);
        container.Detach(own);
        Assert.Equal(before, container.MountsOnKernelFiles);
    }

    [Fact]
    public void No_reader_sees_the_kernels_while_single_files_give_way()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        for (int round = 0; round < 5; round++)
        {
            container.Attach(mount, mount.Own, Online);
            using Child reader = container.StartShell(
                $"echo ready; for i in $(seq 3000); do read line </{Online}; test \"$line\" = 'ours c/7/{Online}' || echo saw $line; done; echo end");
            Assert.Equal(AttachOutcome.Attached, Assert.Single(container.Attach(mount, mount.Own, Cpu).Files).Outcome);
            Assert.Equal("end", reader.ReadLine());
            container.Detach(mount.Own);
        }
    }

    [Fact]
    public void A_dead_one_is_replaced_and_one_layer_is_left()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using ServedMount lost = new();
        using Container container = Container.WithPids();
        container.Attach(lost, lost.Own, Cpu);
        lost.Kill();
        Assert.Equal(AttachOutcome.Replaced, Assert.Single(container.Attach(mount, mount.After(lost), Cpu).Files).Outcome);
        Assert.Equal($"ours c/7/{Online}\n", container.Read(Online));
        Assert.Single(container.Mounts, line => line.Split(' ')[4] == "/" + Cpu);
    }

    [Fact]
    public void Detach_takes_off_directory_and_files_whichever_lies_on_which()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        string[] before = container.MountsOnKernelFiles;
        container.Attach(mount, mount.Own, Online);
        container.Shell($"mount --bind {mount.Directory}/c/8/{Cpu} /{Cpu}; mount --bind {mount.Directory}/c/8/{Present} /{Present}");
        AttachReport report = container.Detach(mount.Own);
        Assert.Equal([Cpu, Online], report.Files.Select(file => file.File));
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Detached, file.Outcome));
        Assert.Equal(before, container.MountsOnKernelFiles);
    }

    [Theory]
    [InlineData("mount --bind /etc/hostname /sys/devices/system/cpu/online")]
    [InlineData("mount -t tmpfs mine /sys/devices/system/cpu/cpu0/topology")]
    [InlineData("mount --bind /etc /sys/devices/system/cpu/cpu0/hotplug")]
    [InlineData("mount -t tmpfs mine /sys/devices/system/cpu")]
    public void Something_elses_mount_in_it_or_on_it_is_left_alone(string script)
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        Assert.Equal("", container.Shell(script));
        string[] before = container.MountsOnKernelFiles;
        Assert.Equal(AttachOutcome.Foreign, Assert.Single(container.Attach(mount, mount.Own, Cpu).Files).Outcome);
        Assert.Equal(before, container.MountsOnKernelFiles);
    }

    [Fact]
    public void A_mask_of_what_ours_has_not_is_covered_and_shows_again()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        Assert.Equal("", container.Shell($"mount -t tmpfs mask /{Cpu}/cpu0/hotplug"));
        Assert.Equal(AttachOutcome.Attached, Assert.Single(container.Attach(mount, mount.Own, Cpu).Files).Outcome);
        Assert.Equal($"ours c/7/{Online}\n", container.Read(Online));
        container.Detach(mount.Own);
        Assert.Equal("", container.Shell($"ls /{Cpu}/cpu0/hotplug"));
    }

    [Fact]
    public void A_mask_that_the_engine_will_make_too_late_is_there_when_ours_is_taken_off()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        Assert.NotEqual("", container.Shell($"ls /{Cpu}/cpu0/hotplug"));
        AttachRequest request = container.Request(mount, mount.Own, Cpu) with { Masked = [Cpu + "/cpu0/hotplug", Cpu + "/cpu0/thermal_throttle", "proc/kcore"] };
        Assert.Equal(AttachOutcome.Attached, Assert.Single(Attacher.Attach(request).Files).Outcome);
        Assert.Equal($"ours c/7/{Online}\n", container.Read(Online));
        container.Detach(mount.Own);
        Assert.Equal("", container.Shell($"ls /{Cpu}/cpu0/hotplug"));
        Assert.Contains("Read-only", container.Shell($"touch /{Cpu}/cpu0/hotplug/x"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sys/devices/system/cpu/online")]
    [InlineData("sys/devices/system/cpu/cpu0/cache")]
    [InlineData("sys/devices/system")]
    public void It_is_left_alone_when_the_engine_hides_something_that_ours_has(string mask)
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        AttachRequest request = container.Request(mount, mount.Own, Cpu) with { Masked = [mask] };
        Assert.Equal(AttachOutcome.Foreign, Assert.Single(Attacher.Attach(request).Files).Outcome);
    }

    [Fact]
    public void In_a_user_namespace_what_is_locked_is_covered()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using ServedMount lost = new();
        using Container container = Container.Plain();
        container.Attach(lost, lost.Own, Online);
        using Container copy = container.Copy("-U", "-r");
        lost.Kill();
        Assert.Equal(AttachOutcome.Attached, Assert.Single(copy.Attach(mount, mount.After(lost), Cpu).Files).Outcome);
        Assert.Equal($"ours c/7/{Online}\n", copy.Read(Online));
    }

    [Theory]
    [InlineData("sys/devices/system/cpu/cpu0/thermal_throttle", true)]
    [InlineData("sys/devices/system/cpu/cpu127/power", true)]
    [InlineData("sys/devices/system/cpu/cpu0/thermal_throttle/x", false)]
    [InlineData("sys/devices/system/cpu/cpu/thermal_throttle", false)]
    [InlineData("sys/devices/system/cpu/cpux/thermal_throttle", false)]
    [InlineData("sys/devices/system/cpu/cpu0/topology", false)]
    [InlineData("sys/devices/system/cpu/power", false)]
    [InlineData("proc/cpu0/thermal_throttle", false)]
    public void Only_what_ours_has_not_may_be_covered(string mask, bool mayBe) => Assert.Equal(mayBe, CpuDirectory.MayCoverMask(mask));

    /// <summary>Our mounts that the container was started with, as the host has them.</summary>
    private static int OfTheHost() => File.ReadAllLines("/proc/self/mountinfo").Count(line => line.Contains(" - fuse.procfs procfs ", StringComparison.Ordinal));
}
