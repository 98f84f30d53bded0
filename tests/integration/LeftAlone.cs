using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB

/// <summary>Nobody serves any more, for a while or for good: containers see the kernel's own files then, and not errors; and ours again when somebody serves.</summary>
[Trait("run", "long")]
public sealed class LeftAlone(ServedTree tree)
{
    private const long Limit = 64 << 20;
    private const string Limited = "MemTotal:          65536 kB";

    [Fact]
    public void After_the_release_time()
    {
        using Site site = new(tree, releaseSeconds: 2);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using OciContainer container = Begin(site);

        first.Signal(Signum.SIGTERM);
        Assert.Equal(0, first.WaitForExit());

        // Whoever asks before that waits, and is answered with an error: no other file can be given to it.
        keeper.Expect("taken out of containers");
        AssertKernelsOwn(container);
        Assert.Contains("Input/output error", site.Read().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void After_the_release_time_and_back_without_a_restart_of_the_container()
    {
        using Site site = new(tree, releaseSeconds: 2);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = Limit });
        Child.Run([.. site.Command("attach"), $"{container.Pid}"]).Ok();
        Assert.Equal(Limited, FirstLine(container));

        first.Kill();
        keeper.Expect("taken out of containers");
        AssertKernelsOwn(container);
        using Daemon next = site.Serve();

        AssertOurs(container, next);
        AssertOneLayer(container, ServedTree.Attached);
    }

    [Theory]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGINT)]
    public void A_supervisor_is_stopped_for_good(Signum signal)
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = Begin(site);

        supervise.Signal(signal);
        Assert.Equal(0, supervise.WaitForExit());

        AssertKernelsOwn(container);
    }

    [Fact]
    public void A_server_that_nobody_keeps_is_stopped()
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();
        using OciContainer container = Begin(site);

        server.Signal(Signum.SIGTERM);
        Assert.Equal(0, server.WaitForExit());

        AssertKernelsOwn(container);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_goodbye_is_said(bool isKept)
    {
        using Site site = new(tree);
        using Daemon? keeper = isKept ? site.Keep() : null;
        using Daemon server = site.Serve();
        using OciContainer container = Begin(site);
        server.Kill(); // without a keeper the container has dead files

        Assert.Equal($"{site.Mount} is unmounted", Child.Run([.. site.ServeCommand, "--unmount"]).Line());

        AssertKernelsOwn(container);
    }

    [Fact]
    public void Server_and_keeper_are_killed_and_a_server_alone_brings_everything_back()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon server = site.Serve();
        using OciContainer bound = Begin(site), attached = tree.Run(new() { IsBare = true, Memory = Limit });
        Child.Run([.. site.Command("attach"), $"{attached.Pid}"]).Ok();
        keeper.Kill();
        server.Kill();
        Assert.All([bound, attached], c => Assert.Contains("not connected", c.Exec("cat", "/proc/meminfo").Error, StringComparison.Ordinal));

        using Daemon next = site.Serve();

        Assert.All([bound, attached], c => AssertOurs(c, next));
        Assert.All([bound, attached], c => AssertOneLayer(c, ServedTree.Mountable));
    }

    private OciContainer Begin(Site site)
    {
        OciContainer container = tree.Run(new() { Mount = site.Mount, Memory = Limit });
        Assert.Equal(Limited, FirstLine(container));
        return container;
    }

    /// <summary>All of them, and without any error on the way there.</summary>
    private static void AssertKernelsOwn(OciContainer container)
    {
        string host = ProcText.Lines(File.ReadAllText("/proc/meminfo"))[0];
        Assert.Equal(host, FirstLine(container));
        Assert.All(ServedTree.Attached, file => Assert.Equal(0, LayersOf(container, file)));
    }

    private static void AssertOurs(OciContainer container, Daemon server) =>
        Assert.True(Pace.Until(15, () => container.Exec("head", "-n", "1", "/proc/meminfo").Out.TrimEnd() == Limited), $"the container is not whole again:\n{server.Log}");

    /// <summary>They come one by one; a dead file is taken off when the other is there.</summary>
    private static void AssertOneLayer(OciContainer container, string[] files)
    {
        _ = Pace.Until(15, () => files.All(file => LayersOf(container, file) == 1));
        Assert.All(files, file => Assert.Equal(1, LayersOf(container, file)));
    }

    private static string FirstLine(OciContainer container) => ProcText.Lines(container.ExecFor(Pace.Limit(30), "cat", "/proc/meminfo").Ok())[0];

    private static int LayersOf(OciContainer container, string file) =>
        File.ReadLines($"/proc/{container.Pid}/mountinfo").Select(l => l.Split(' ')).Count(f => f[4] == "/" + file);
}
