using static ProcFs.Integration.Tests.Support.Inside;

namespace ProcFs.Integration.Tests;

/// <summary>What procfs attach --all, which each start of the daemon begins, makes whole again after a connection was lost.</summary>
[Trait("run", "long")]
public sealed class LostConnection(ServedTree tree) : IDisposable
{
    private readonly Site _site = new(tree);

    public void Dispose() => _site.Dispose();

    // /procfs-test-N
    //   container-1            memory 64 MiB
    //     sleep                in a mount namespace that it made itself
    //     sleep                in one that it made in a user namespace of its own: what it has there is locked
    [Fact]
    public void Mount_namespaces_that_a_containers_processes_made_are_its_too()
    {
        using Daemon first = _site.Serve();
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = 64 << 20, Change = MayMount });
        int early = Sleep(container, "unshare", "--mount");
        Attach(container);
        int late = Sleep(container, "unshare", "--mount");
        int locked = Sleep(container, "unshare", "--user", "--map-root-user", "--mount");
        string source = Source(container.Pid);
        Assert.All([early, late, locked], pid => Assert.Equal(source, Source(pid)));

        first.Kill();
        Assert.All([container.Pid, early, late, locked], pid => Assert.Contains("not connected", MemTotal(pid), StringComparison.Ordinal));
        using Daemon next = ServeAgain();

        Assert.All([container.Pid, early, late, locked], pid => Assert.Equal(Text(64 << 10), MemTotal(pid)));
        Assert.All([container.Pid, early, late], pid => Assert.Equal(1, Layers(pid, "proc/meminfo")));
        // The dead one below cannot be taken off.
        Assert.Equal(2, Layers(locked, "proc/meminfo"));
        string line = Assert.Single(next.Lines($"pid-{container.Pid}"));
        Assert.Contains($"{3 * ServedTree.Attached.Length} files replaced; {ServedTree.Attached.Length} files put on top of dead ones that are locked", line, StringComparison.Ordinal);
        Child.Run([.. _site.Command("attach"), "--all"]).Ok();
        Assert.Equal(2, Layers(locked, "proc/meminfo"));
    }

    // /procfs-test-N
    //   outer                  memory 128 MiB
    //     inner                memory 64 MiB
    //     detached             memory 96 MiB, detached by hand
    [Fact]
    public void A_registered_container_in_anothers_cgroup_is_not_taken_for_a_part_of_that()
    {
        using Daemon first = _site.Serve();
        using OciContainer outer = tree.Run(new() { IsBare = true, Memory = 128 << 20, Cgroup = "outer" });
        if (CgroupMounts.IsPureV2)
        {
            // There no cgroup has both processes and limited children: who starts containers in his own moves down first.
            string directory = CgroupMounts.Unified + outer.CgroupPath, leaf = directory + "/leaf";
            Directory.CreateDirectory(leaf);
            Assert.All(File.ReadAllLines(directory + "/cgroup.procs"), pid => File.WriteAllText(leaf + "/cgroup.procs", pid));
        }

        using OciContainer inner = tree.Run(new() { IsBare = true, Memory = 64 << 20, Cgroup = "outer/inner" });
        using OciContainer detached = tree.Run(new() { IsBare = true, Memory = 96 << 20, Cgroup = "outer/detached" });
        Attach(outer, inner, detached);
        Child.Run([.. _site.Command("detach"), Text(detached.Pid)]).Ok();

        first.Kill();
        using Daemon next = ServeAgain();

        Assert.Equal((Text(128 << 10), Text(64 << 10)), (MemTotal(outer.Pid), MemTotal(inner.Pid)));
        Assert.NotEqual(Source(outer.Pid), Source(inner.Pid));
        Assert.Empty(Hooked.Mounts(detached.Pid));
    }

    // /procfs-test-N
    //   container-1            memory 64 MiB, its engine binds the common files; nobody registered it
    [Fact]
    public void Plain_binds_of_the_common_files_are_repaired()
    {
        using Daemon first = _site.Serve();
        using OciContainer container = tree.Run(new() { Mount = _site.Mount, Memory = 64 << 20 });
        Assert.Equal("/common", Source(container.Pid, ServedTree.Mountable));

        first.Kill();
        Assert.Contains("not connected", container.Exec("cat", "/proc/meminfo").Error, StringComparison.Ordinal);
        using Daemon next = ServeAgain();

        Assert.Equal("/common", Source(container.Pid, ServedTree.Mountable));
        Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        Assert.Contains($"{ServedTree.Mountable.Length} files replaced", Assert.Single(next.Lines($"pid-{container.Pid}")), StringComparison.Ordinal);
        Assert.Empty(Hooked.Registered(_site.RunDirectory));
    }

    [Fact]
    public void A_file_that_nobody_chose_does_not_stay_dead()
    {
        using Daemon first = _site.Serve();
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = 64 << 20 });
        Attach(container);
        // As a hook leaves it that was told of one file, where the engine's configuration has all.
        string entry = Assert.Single(Hooked.Registered(_site.RunDirectory));
        File.WriteAllText(entry, File.ReadAllText(entry).TrimEnd()[..^1] + ",\"files\":[\"proc/uptime\"]}");

        first.Kill();
        using Daemon next = ServeAgain();

        Assert.StartsWith("/c/", Source(container.Pid), StringComparison.Ordinal);
        Assert.Equal(Text(64 << 10), MemTotal(container.Pid));
    }

    private void Attach(params OciContainer[] containers) => Child.Run([.. _site.Command("attach"), .. containers.Select(container => Text(container.Pid))]).Ok();

    private Daemon ServeAgain()
    {
        Daemon next = _site.Serve();
        next.Expect("containers: something attached to", 30);
        return next;
    }
}
