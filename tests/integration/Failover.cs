using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1.5 CPUs; a reader
//   limited            memory 64 MiB, quota 1.5 CPUs; a reader that is a host process

/// <summary>Servers are killed under load, and no reader notices.</summary>
public sealed class Failover(ServedTree tree)
{
    private const int Quota = 150000;

    [Fact]
    public void Killed_at_random_moments()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.Run(new() { Mount = site.Mount, Memory = 64 << 20, Quota = Quota });
        using TestCgroup limited = new TestCgroup("limited").Memory(64 << 20);
        TestCgroup.SetQuota(limited.Path, Quota);
        using Reader first = Reader.In(container, Quota), second = Reader.In(container, Quota);
        using Reader host = Reader.OnHost(site.Mount), bounded = Reader.OnHost(site.Mount, limited, Quota);
        Reader.AwaitReady(first, second, host, bounded);
        int count = Kills.Count(25, soak: 200);

        Kills.OfSupervised(supervise, count);
        site.AssertServed();
        Thread.Sleep(Pace.Limit(0.5));

        Reader.AssertUntroubled($"{count} kills", first, second, host, bounded);
        supervise.Expect("resumed");
    }

    [Theory]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGKILL)]
    [Trait("run", "long")]
    public void Upgraded_and_back(Signum signal)
    {
        // The supervisor stays the one that it was at first.
        string program = $"{tree.NewDirectory("bin")}/procfs";
        Builds.Install(Builds.Previous, program);
        using Site site = new(tree) { Program = program };
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.Run(new() { Mount = site.Mount, Memory = 64 << 20, Quota = Quota });
        using Reader inside = Reader.In(container, Quota), host = Reader.OnHost(site.Mount);
        Reader.AwaitReady(inside, host);
        string mount = FuseMounts.Identity(site.Mount);

        foreach (string build in new[] { Daemon.Binary, Builds.Previous, Daemon.Binary })
        {
            Builds.Install(build, program);
            int lives = supervise.Lives;
            Assert.Equal(0, Syscall.kill(Assert.Single(site.Servers), signal));
            supervise.ExpectLife(lives + 1);
            site.AssertServed();
            Builds.AssertRuns(build, Assert.Single(site.Servers));
        }

        Reader.AssertUntroubled($"{signal}, upgraded {Builds.Upgrade}", inside, host);
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
    }

    [Fact]
    [Trait("run", "long")]
    public void Killed_by_turns_with_readers_that_come_and_go()
    {
        // New containers, cats and programs at every moment; nobody may be refused or shown anything else.
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using Running cats = Child.Start("sh", "-c",
            "end=$(($(date +%s) + $2)); while [ $(date +%s) -lt $end ]; do head -c 9 $1/proc/meminfo | grep -q MemTotal: || exit 1; [ $(ls $1/proc | wc -l) = $3 ] || exit 2; done",
            "sh", site.Mount, $"{Pace.Limit(2).TotalSeconds}", $"{ServedTree.Attached.Where(f => f.StartsWith("proc/", StringComparison.Ordinal)).Select(f => f.Split('/')[1]).Distinct().Count()}");

        while (!cats.Process.HasExited)
        {
            Kills.OfSupervised(supervise, 1);
            using OciContainer container = tree.Run(new() { Mount = site.Mount, Memory = 64 << 20 });
            Assert.StartsWith("MemTotal:          65536 kB\n", container.Read("/proc/meminfo"), StringComparison.Ordinal);
        }

        Assert.Equal(0, cats.Finish(Pace.Limit(20)).ExitCode);
    }

    [Fact]
    [Trait("run", "long")]
    public void Nothing_of_a_container_changes_by_a_kill()
    {
        // What the ledger and the pid ratchet remember, to the tick: without anybody reading while the server is away.
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.Run(new() { Mount = site.Mount, Memory = 64 << 20, Quota = 50000, Command = ["sh", "-c", "while :; do :; done"] });
        // A pid that nobody has any more.
        container.Shell("for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; cat /proc/stat").Ok();
        Thread.Sleep(1000);
        long[] before = Counters(container.Read("/proc/stat"));

        Kills.OfSupervised(supervise, 1);

        long[] after = Counters(container.Read("/proc/stat"));
        Assert.All(after.Zip(before), pair => Assert.True(pair.First >= pair.Second, $"{string.Join(' ', before)}\n{string.Join(' ', after)}"));
        Assert.Equal(before[^1] / 1000, after[^1] / 1000);
    }

    /// <summary>The columns of the first line, and the highest pid.</summary>
    private static long[] Counters(string stat) =>
        [.. ProcText.Numbers(ProcText.Lines(stat)[0]), .. ProcText.Numbers(ProcText.Lines(stat).Single(l => l.StartsWith("processes ", StringComparison.Ordinal)))];
}
