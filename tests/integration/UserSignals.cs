using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>Signals that are kept for later versions do nothing, least of all end a server.</summary>
[Trait("run", "long")]
public sealed class UserSignals(ServedTree tree)
{
    [Theory]
    [InlineData(Signum.SIGUSR1)]
    [InlineData(Signum.SIGUSR2)]
    public void To_a_server(Signum signal)
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();

        server.Signal(signal);
        Thread.Sleep(Pace.Limit(0.5));

        Assert.False(server.HasExited, server.Log);
        site.AssertServed();
    }

    [Theory]
    [InlineData(Signum.SIGUSR1)]
    [InlineData(Signum.SIGUSR2)]
    public void To_a_supervisor(Signum signal)
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        int server = Assert.Single(site.Servers);

        supervise.Signal(signal);
        Thread.Sleep(Pace.Limit(0.5));

        Assert.False(supervise.HasExited, supervise.Log);
        Assert.Equal(server, Assert.Single(site.Servers));
        site.AssertServed();
    }
}
