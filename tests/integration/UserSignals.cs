using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>SIGUSR1 hands over, SIGUSR2 switches files off and on; both as lxcfs has them, and never the end of the files.</summary>
[Trait("run", "long")]
public sealed class UserSignals(ServedTree tree)
{
    [Fact]
    public void A_server_that_nobody_keeps_serves_on_and_says_so()
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();

        server.Signal(Signum.SIGUSR1);

        server.Expect("nobody keeps it");
        Assert.False(server.HasExited, server.Log);
        site.AssertServed();
    }

    [Fact]
    public void A_supervisor_has_a_fresh_server_take_over()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        int server = Assert.Single(site.Servers);
        string mount = FuseMounts.Identity(site.PrivateMount);

        supervise.Signal(Signum.SIGUSR1);

        supervise.ExpectLife(2);
        Assert.False(supervise.HasExited, supervise.Log);
        Assert.NotEqual(server, Assert.Single(site.Servers));
        Assert.Equal(mount, FuseMounts.Identity(site.PrivateMount));
        site.AssertServed();
    }

    // /procfs-test-N
    //   container-1        memory 50 MiB
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Files_are_switched_off_and_on_again(bool isSupervised)
    {
        using Site site = new(tree);
        using Daemon server = isSupervised ? site.Supervise() : site.Serve();
        using OciContainer container = tree.Run(new() { Memory = 50 << 20, Mount = site.Mount });
        long host = ProcText.Kib(File.ReadAllText("/proc/meminfo"), "MemTotal");
        Assert.Equal(50 << 10, Total());

        server.Signal(Signum.SIGUSR2);
        Assert.True(Pace.Until(5, () => Total() == host), server.Log);
        server.Signal(Signum.SIGUSR2);
        Assert.True(Pace.Until(5, () => Total() == 50 << 10), server.Log);
        Assert.False(server.HasExited, server.Log);

        long Total() => ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal");
    }
}
