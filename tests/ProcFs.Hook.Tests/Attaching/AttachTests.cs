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
            line => Assert.StartsWith("ro,nosuid,nodev,noexec", line.Split(' ')[5], StringComparison.Ordinal));

        int layers = container.OwnLayers;
        report = container.Attach(mount, mount.Own, Files);
        Assert.All(report.Files, file => Assert.Equal(AttachOutcome.Present, file.Outcome));
        Assert.Equal(layers, container.OwnLayers);
    }
}
