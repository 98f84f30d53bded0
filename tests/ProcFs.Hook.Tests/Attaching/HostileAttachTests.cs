using System.Diagnostics;
using System.Globalization;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Attaching;

/// <summary>Containers that lie, hang or race. Needs root and /dev/fuse.</summary>
public sealed class HostileAttachTests
{
    private static readonly string[] Files = ["proc/meminfo", "proc/uptime", "proc/pressure/cpu", "sys/devices/system/cpu/online"];

    [Theory]
    [InlineData("mount -t tmpfs none /proc && mkdir /proc/pressure && touch /proc/meminfo /proc/uptime", "its /proc is not proc but tmpfs")]
    [InlineData("mount -t tmpfs none /mnt && mkdir /mnt/proc && mount --bind /mnt/proc /proc && touch /proc/meminfo", "its /proc is not proc but tmpfs")]
    [InlineData("mount --bind /proc/sys /proc", "its /proc is not the root of proc but /sys of it")]
    public void A_proc_that_is_none_gets_nothing(string script, string reason)
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Shell(script);
        string[] before = Quick(container, "/proc/");
        AttachReport report = container.Attach(mount, mount.Own, Files[..3]);
        Assert.Empty(report.Files);
        Assert.Equal($"nothing is attached to process {Text(container.Pid)}: {reason}", report.Refusal);
        Assert.Equal(before, Quick(container, "/proc/"));
    }

    [Fact]
    public void A_proc_that_is_a_link_in_the_image_is_not_followed()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Shell("mount -t tmpfs none /mnt && mkdir -p /mnt/root/real && mount -t proc proc /mnt/root/real && ln -s real /mnt/root/proc");
        int mounts = container.Mounts.Length;
        AttachReport report = Attacher.Attach(container.Request(mount, mount.Own, "proc/meminfo") with { RootPath = "/mnt/root" });
        Assert.EndsWith("its /proc is a link or no directory", report.Refusal, StringComparison.Ordinal);
        container.Shell("ln -sfn /proc /mnt/root/proc"); // the host's, before pivot_root(2)
        report = Attacher.Attach(container.Request(mount, mount.Own, "proc/meminfo") with { RootPath = "/mnt/root" });
        Assert.EndsWith("its /proc is a link or no directory", report.Refusal, StringComparison.Ordinal);
        Assert.Equal(mounts, container.Mounts.Length);
    }

    [Fact]
    public void A_container_without_proc_is_told()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Shell("mount -t tmpfs none /mnt");
        AttachReport report = Attacher.Attach(container.Request(mount, mount.Own, "proc/meminfo") with { RootPath = "/mnt" });
        Assert.EndsWith("it has no /proc", report.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_procfs_with_pids_only_has_no_such_files()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Shell("mount -t proc -o subset=pid proc /proc");
        AttachReport report = container.Attach(mount, mount.Own, Files[..3]);
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Missing, file.Outcome));
    }

    [Fact]
    public void A_sys_that_is_none_costs_only_its_own_files()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Shell("mount -t tmpfs none /sys && mkdir -p /sys/devices/system/cpu && touch /sys/devices/system/cpu/online");
        AttachReport report = container.Attach(mount, mount.Own, Files);
        Assert.Equal(AttachOutcome.Attached, report.Files[0].Outcome);
        Assert.Equal(AttachOutcome.Foreign, report.Files[3].Outcome);
        Assert.Equal("", container.Read("sys/devices/system/cpu/online"));
    }

    [Theory]
    [InlineData("/proc/meminfo", AttachOutcome.Foreign)]
    [InlineData("/proc/pressure", AttachOutcome.Attached)]
    public void A_file_system_that_never_answers_is_never_asked(string path, AttachOutcome ofMeminfo)
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        using Child silent = ServedMount.Silent(container, path);
        Stopwatch time = Stopwatch.StartNew();
        AttachReport report = container.Attach(mount, mount.Own, "proc/meminfo", "proc/pressure/cpu", "proc/uptime");
        Assert.Equal(ofMeminfo, report.Files[0].Outcome);
        Assert.Equal(ofMeminfo == AttachOutcome.Foreign ? AttachOutcome.Attached : AttachOutcome.Foreign, report.Files[1].Outcome);
        Assert.Equal(AttachOutcome.Attached, report.Files[2].Outcome);
        Assert.InRange(time.Elapsed, TimeSpan.Zero, Container.Patience); // who waits for it needs all of that
    }

    [Fact]
    public void One_that_never_answers_and_says_it_is_ours_is_not()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        using Child silent = ServedMount.Silent(container, "/proc/meminfo", "fuse.procfs");
        AttachReport report = container.Attach(mount, mount.Own, "proc/meminfo", "proc/uptime");
        Assert.Equal([AttachOutcome.Foreign, AttachOutcome.Attached], report.Files.Select(file => file.Outcome));
        Assert.Equal("proc/uptime", Assert.Single(container.Detach(mount.Own).Files).File);
        Assert.Contains(container.Mounts, line => line.Contains(" /proc/meminfo ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_proc_that_never_answers_is_refused_at_once()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        using Child silent = ServedMount.Silent(container, "/proc");
        Stopwatch time = Stopwatch.StartNew();
        Assert.EndsWith("its /proc is not proc but fuse.theirs", container.Attach(mount, mount.Own, "proc/meminfo").Refusal, StringComparison.Ordinal);
        Assert.InRange(time.Elapsed, TimeSpan.Zero, Container.Patience); // who waits for it needs all of that
    }

    [Fact]
    public void A_root_that_never_answers_is_not_asked_for_proc()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        using Child silent = ServedMount.Silent(container, "/mnt");
        // Its root is the mount that never answers; what is below it would have to be looked up there.
        Stopwatch time = Stopwatch.StartNew();
        AttachReport report = Attacher.Attach(container.Request(mount, mount.Own, "proc/meminfo") with { RootPath = "/mnt", Within = TimeSpan.FromSeconds(3) });
        Assert.EndsWith("opening its /proc took too long", report.Refusal, StringComparison.Ordinal);
        Assert.InRange(time.ElapsedMilliseconds, 2_900, 15_000);
    }

    [Fact]
    public void A_stopped_daemon_costs_the_time_that_was_given_and_leaves_the_files_bare()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        mount.Stop();
        Stopwatch time = Stopwatch.StartNew();
        AttachReport report = Attacher.Attach(container.Request(mount, mount.Own, Files) with { Within = TimeSpan.FromSeconds(1) });
        Assert.InRange(time.ElapsedMilliseconds, 800, 15_000);
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Failed, file.Outcome));
        Assert.StartsWith("MemTotal:", container.Read("proc/meminfo"), StringComparison.Ordinal);
        mount.Continue();
        Assert.All(container.Attach(mount, mount.Own, Files).Files, file => Assert.Equal(AttachOutcome.Attached, file.Outcome));
    }

    [Fact]
    public void A_stopped_daemon_is_not_asked_for_what_is_there()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        container.Attach(mount, mount.Own, Files);
        mount.Stop();
        Stopwatch time = Stopwatch.StartNew();
        Assert.All(container.Attach(mount, mount.Own, Files).Files, file => Assert.Equal(AttachOutcome.Present, file.Outcome));
        Assert.All(container.Detach(mount.Own).Files, file => Assert.Equal(AttachOutcome.Detached, file.Outcome));
        Assert.InRange(time.Elapsed, TimeSpan.Zero, Container.Patience); // who waits for it needs all of that
    }

    [Fact]
    public void A_source_that_is_not_the_mount_that_is_served_is_not_attached()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using ServedMount other = new();
        using Container container = Container.WithPids();
        AttachReport report = container.Attach(other, mount.Own, "proc/meminfo");
        Assert.Equal(new AttachedFile("proc/meminfo", AttachOutcome.Failed, 116), Assert.Single(report.Files)); // ESTALE
    }

    [Fact]
    public void Another_process_under_the_same_pid_is_refused()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        AttachReport report = Attacher.Attach(container.Request(mount, mount.Own, "proc/meminfo") with { StartTime = container.StartTime - 1 });
        Assert.Contains("is not the one that was meant", report.Refusal, StringComparison.Ordinal);
        Assert.True(container.End());
        Assert.Equal($"process {Text(container.Pid)} has ended", container.Attach(mount, mount.Own, "proc/meminfo").Refusal);
    }

    [Fact]
    public void Our_own_mount_namespace_is_refused()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Child neighbour = Child.Start(out _, "sh", "-c", "echo ready; exec sleep 60");
        string stat = File.ReadAllText($"/proc/{Text(neighbour.Id)}/stat");
        AttachReport report = Attacher.Attach(new AttachRequest
        {
            Pid = neighbour.Id,
            StartTime = ulong.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture),
            ProcRoot = "/proc",
            SourceDirectory = mount.Directory + "/common",
            Files = ["proc/meminfo"],
            Own = mount.Own,
            Within = TimeSpan.FromSeconds(5),
        });
        Assert.Contains("is in the mount namespace of this program itself", report.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proc_whose_mounts_would_appear_on_the_host_is_refused()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        // What "host" means is told by the mountinfo of this program itself, so its own /proc must be shared for a moment: a copy of it, elsewhere.
        string own = Directory.CreateTempSubdirectory("procfs-hook-").FullName;
        Child.Run("mount", "--bind", "/proc", own);
        Child.Run("mount", "--make-shared", own);
        try
        {
            using Container container = Container.Plain("--propagation", "unchanged");
            container.Shell($"mount -t tmpfs none /media && mkdir /media/proc && mount --bind {own} /media/proc");
            Assert.Contains(container.Mounts, line => line.Contains(" /media/proc ", StringComparison.Ordinal) && line.Contains("shared:", StringComparison.Ordinal));
            AttachReport report = Attacher.Attach(container.Request(mount, mount.Own, "proc/meminfo") with { RootPath = "/media" });
            Assert.Contains("its /proc is shared with the host", report.Refusal, StringComparison.Ordinal);
            Assert.DoesNotContain(own + "/meminfo", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        }
        finally
        {
            Child.Run("umount", "-l", own);
            Child.Run("rmdir", own);
        }
    }

    private static string[] Quick(Container container, string below) => [.. container.Mounts.Where(line => line.Split(' ')[4].StartsWith(below, StringComparison.Ordinal))];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
