using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1.5 CPUs

/// <summary>The wall clock is set while servers come and go. No namespace holds a clock back, so this needs a machine of its own.</summary>
public sealed class ClockSteps(ServedTree tree)
{
    private const string WhySkipped = "sets the clock: needs a guest that is thrown away, ./build.sh vm-test";

    [Fact]
    public void Nothing_falls_when_the_clock_is_set()
    {
        Assert.SkipUnless(Guest.IsHere, WhySkipped);
        const int Quota = 150000;
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.Run(new() { Mount = site.Mount, Memory = 64 << 20, Quota = Quota });
        using Reader inside = Reader.In(container, Quota, "--steps"), host = Reader.OnHost(site.Mount, "--steps");
        Reader.AwaitReady(inside, host);

        foreach (int seconds in new[] { 3600, -3600 })
        {
            SetClock(seconds);
            Thread.Sleep(300);
            Kills.OfSupervised(supervise, 1);
        }

        site.AssertServed();
        Reader.AssertUntroubled("clock set by an hour", inside, host);
    }

    [Fact]
    [Trait("run", "long")]
    public void Nobody_is_released_early_when_the_clock_is_set()
    {
        Assert.SkipUnless(Guest.IsHere, WhySkipped);
        using Site site = new(tree, releaseSeconds: 60);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        first.Signal(Signum.SIGTERM);
        first.WaitForExit();
        using Running waiting = Child.Start("cat", $"{site.Mount}/proc/meminfo");

        SetClock(3600);
        Thread.Sleep(3000);
        SetClock(-3600);

        Assert.False(waiting.Process.HasExited);
        using Daemon next = site.Serve();
        Assert.StartsWith("MemTotal:", waiting.Finish(Pace.Limit(20)).Ok(), StringComparison.Ordinal);
    }

    private static void SetClock(int seconds) =>
        Child.Run("date", "--set", string.Create(CultureInfo.InvariantCulture, $"@{DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds}")).Ok();
}
