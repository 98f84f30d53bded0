using System.Diagnostics;
using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary><c>procfs keep</c> beside a plain <c>procfs serve</c>.</summary>
[Trait("run", "long")]
public sealed class Keeper(ServedTree tree)
{
    [Fact]
    public void A_killed_servers_readers_carry_on_with_the_next_one()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using Reader reader = Reader.OnHost(site.Mount);
        Reader.AwaitReady(reader);
        string mount = FuseMounts.Identity(site.Mount);

        first.Kill();
        for (int i = 0; i < 3; i++)
        {
            Thread.Sleep(200);
            using Daemon next = site.Serve();
            next.Expect("resumed");
            site.AssertServed();
            next.Kill();
        }

        using Daemon last = site.Serve();
        Reader.AssertUntroubled("kept, killed 4 times", reader);
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
    }

    [Fact]
    public void A_killed_keepers_successor_has_the_descriptors_within_a_beat()
    {
        using Site site = new(tree);
        using Daemon killed = site.Keep();
        using Daemon first = site.Serve();
        using Reader reader = Reader.OnHost(site.Mount);
        Reader.AwaitReady(reader);
        killed.Kill();

        using Daemon keeper = site.Keep();
        Stopwatch since = Stopwatch.StartNew();
        Assert.True(Pace.Until(6, () => Site.HoldsDevice(keeper.Pid)), $"not registered after {since.Elapsed}: {first.Log}");
        first.Kill();
        using Daemon next = site.Serve();

        next.Expect("resumed");
        Reader.AssertUntroubled("keeper killed, then the server", reader);
    }

    [Fact]
    public void A_second_keeper_names_the_first()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();

        Output second = Child.Run(Daemon.Binary, "keep", "--run-dir", site.RunDirectory);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains(keeper.Pid.ToString(CultureInfo.InvariantCulture), Assert.Single(ProcText.Lines(second.Error)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGHUP)]
    public void A_server_that_is_stopped_and_started_again_loses_no_read(Signum signal)
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using Reader reader = Reader.OnHost(site.Mount);
        Reader.AwaitReady(reader);
        string mount = FuseMounts.Identity(site.Mount);

        first.Signal(signal);
        Assert.Equal(0, first.WaitForExit());
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
        Thread.Sleep(1000);
        using Daemon next = site.Serve();

        site.AssertServed();
        Reader.AssertUntroubled("stopped for 1 s", reader);
    }

    [Fact]
    public void Readers_wait_for_a_stopped_server_until_they_are_released_and_read_again_when_it_is_back()
    {
        const int ReleaseSeconds = 2;
        using Site site = new(tree, ReleaseSeconds);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        string mount = FuseMounts.Identity(site.Mount);

        Stopwatch since = Stopwatch.StartNew();
        first.Signal(Signum.SIGTERM);
        first.WaitForExit();
        using Running waiting = Child.Start("cat", $"{site.Mount}/proc/stat");
        Output released = waiting.Finish(Pace.Limit(20));

        Assert.InRange(since.Elapsed.TotalSeconds, ReleaseSeconds - 0.3, Pace.Limit(ReleaseSeconds + 8).TotalSeconds);
        Assert.Contains("Input/output error", released.Error, StringComparison.Ordinal);
        Assert.Contains("Input/output error", site.Read().Error, StringComparison.Ordinal);
        keeper.Expect("nobody has served");
        Assert.Single(keeper.Lines("nobody has served"), l => l.Contains(site.Mount, StringComparison.Ordinal));

        using Daemon next = site.Serve();
        site.AssertServed();
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
        file.AssertReads();
        next.Expect("resumed");
    }

    [Fact]
    public void Readers_that_a_killed_server_owes_an_answer_are_released_too()
    {
        // Such a reader cannot be killed: its request is with a server that is no more.
        using Site site = new(tree, releaseSeconds: 1);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        Running[] readers = [.. Enumerable.Range(0, 8).Select(_ => Child.Start("sh", "-c", "while cat $1 >/dev/null; do :; done", "sh", $"{site.Mount}/proc/stat"))];
        try
        {
            Thread.Sleep(500);

            first.Kill();

            Assert.All(readers, r => Assert.Contains("Input/output error", r.Finish(Pace.Limit(20)).Error, StringComparison.Ordinal));
        }
        finally
        {
            Array.ForEach(readers, r => r.Dispose());
        }
    }
}
