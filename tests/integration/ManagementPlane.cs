using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB; outside of the plane

/// <summary>The daemon and its verbs in a mount namespace whose /proc is no good, and containers outside of it: --proc-root and --cgroup-root are all that is needed.</summary>
[Trait("run", "long")]
public sealed class ManagementPlane(ServedTree tree)
{
    private const long Limit = 64 << 20;
    private const string Limited = "MemTotal:          65536 kB";

    [Theory]
    [InlineData("foreign")]
    [InlineData("none")]
    public void Containers_are_served_attached_and_detached_from_there(string proc)
    {
        using Site site = new(tree);
        using Plane plane = new(tree, proc);
        using Daemon server = Daemon.Launch(null, [.. plane.Inside, .. site.Command("serve"), .. plane.Roots]);
        server.Expect("containers: something attached to"); // no attach of its own is under way any more
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = Limit });
        string host = First(File.ReadAllText("/proc/meminfo"));

        Assert.Equal(Limited, First(Procfs("show", "meminfo", "--pid", $"{container.Pid}")));
        Assert.Equal(Limited, First(Procfs("show", "meminfo", "--cgroup", container.CgroupPath)));
        Procfs("attach", $"{container.Pid}");
        Assert.Equal(Limited, First(container.Read("/proc/meminfo")));
        Assert.Equal(Limited, First(Procfs("show", "meminfo", "--container", $"pid-{container.Pid}")));
        Assert.Equal(host, First(plane.Run("cat", $"{site.Mount}/proc/meminfo").Ok()));
        Procfs("detach", $"{container.Pid}");
        Assert.Equal(host, First(container.Read("/proc/meminfo")));

        // The files are back when the daemon is, and gone when it is.
        Procfs("attach", $"{container.Pid}");
        server.Signal(Signum.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.Equal(host, First(container.Read("/proc/meminfo")));
        using Daemon next = Daemon.Launch(null, [.. plane.Inside, .. site.Command("serve"), .. plane.Roots]);
        Assert.True(Pace.Until(15, () => First(container.Read("/proc/meminfo")) == Limited), next.Log);

        string Procfs(string verb, params string[] arguments) => plane.Run([.. site.Command(verb), .. plane.Roots, .. arguments]).Ok();
    }

    [Theory]
    [InlineData("foreign")]
    [InlineData("none")]
    public void A_hook_enters_it(string proc)
    {
        using Site site = new(tree);
        using Plane plane = new(tree, proc);
        using Daemon server = Daemon.Launch(null, [.. plane.Inside, .. site.Command("serve"), .. plane.Roots]);

        // The runtime is outside. Where the hook is run, there are the private mount and the daemon's socket.
        using OciContainer container = tree.RunHooked(new()
        {
            IsBare = true,
            Memory = Limit,
            Hook = [.. plane.Inside, Daemon.Binary, "hook", "--run-dir", site.RunDirectory, .. plane.ProcRoot],
        });

        Assert.Equal(Limited, First(container.Read("/proc/meminfo")));
        Assert.All(ServedTree.Attached, file => Assert.Single(File.ReadLines($"/proc/{container.Pid}/mountinfo"), l => l.Split(' ')[4] == "/" + file));
    }

    /// <summary>mountinfo has the path without the link; that one is found without procfs.</summary>
    [Theory]
    [InlineData("foreign")]
    [InlineData("none")]
    public void A_mount_point_behind_a_link_is_supervised_there(string proc)
    {
        using Site site = new(tree);
        using Plane plane = new(tree, proc);
        string link = $"{tree.NewDirectory("link")}/to";
        Directory.CreateSymbolicLink(link, Path.GetDirectoryName(site.Mount)!);
        string mount = $"{link}/{Path.GetFileName(site.Mount)}";
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = Limit });
        using Daemon supervise = Daemon.Launch(null, [.. plane.Inside, Daemon.Binary, "supervise", "--mount", mount, "--run-dir", site.RunDirectory, .. plane.Roots]);
        plane.Run([Daemon.Binary, "attach", "--mount", mount, "--run-dir", site.RunDirectory, .. plane.Roots, $"{container.Pid}"]).Ok();

        Processes.Kill(Assert.Single(site.Servers));
        supervise.ExpectLife(2);

        Assert.Equal(Limited, First(container.Read("/proc/meminfo")));
        Assert.Single(plane.Mounts(), l => l.Contains($" {site.Mount} ", StringComparison.Ordinal));
        supervise.Signal(Signum.SIGTERM);
        Assert.Equal(0, supervise.WaitForExit());
        Assert.Empty(container.OurFiles);
        Assert.DoesNotContain(plane.Mounts(), l => l.Contains($" {site.Mount} ", StringComparison.Ordinal));
    }

    private static string First(string meminfo) => ProcText.Lines(meminfo)[0];
}
