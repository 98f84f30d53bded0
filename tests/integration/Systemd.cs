using System.Diagnostics;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1.5 CPUs: lives through all of it

/// <summary>The units as they are shipped, under systemd as process 1, in a machine that is thrown away.</summary>
public sealed class Systemd(Units units) : IClassFixture<Units>
{
    private const string WhySkipped = "needs a guest that is thrown away, with systemd as process 1: ./build.sh vm-test";

    [Fact]
    public void Both_stores_are_full()
    {
        Assert.SkipUnless(Guest.HasSystemd, WhySkipped);

        Assert.True(Pace.Until(10, () => (Units.Stored("procfs"), Units.Stored("procfs-keeper")) == (2, 2)),
            $"{Units.Stored("procfs")} and {Units.Stored("procfs-keeper")}\n{Units.Journal}");
        // In a mount namespace of its own it would serve nobody.
        Assert.Equal(File.ResolveLinkTarget("/proc/1/ns/mnt", false)?.Name, File.ResolveLinkTarget($"/proc/{Units.ServerPid}/ns/mnt", false)?.Name);
    }

    [Fact]
    public void Killed_again_and_again()
    {
        int count = Kills.Count(32, soak: 50);
        During($"systemd, {count} kills", () =>
        {
            for (int i = 0; i < count; i++)
            {
                Units.KillServer();
                Thread.Sleep(Random.Shared.Next((int)Pace.Limit(0.5).TotalMilliseconds));
            }
        });

        Assert.True(Pace.Until(10, () => Units.Stored("procfs") == 2), "the store is not full again");
    }

    [Fact]
    public void Restarts_and_an_upgrade() => During($"systemd, restarts, upgraded {Builds.Upgrade}", () =>
    {
        for (int i = 0; i < Kills.Count(8, soak: 10); i++)
        {
            Units.Control("restart", "procfs");
        }

        foreach (string build in new[] { Builds.Previous, Daemon.Binary })
        {
            Units.Upgrade(build);
        }
    });

    [Fact]
    public void Stop_and_start_within_the_release_time() => During("systemd, stopped for 2 s", () =>
    {
        Units.Control("stop", "procfs");
        Thread.Sleep(2000);
        Units.Control("start", "procfs");
    });

    [Fact]
    public void The_keeper_alone_and_both_at_once() => During("systemd, keeper killed, both killed", () =>
    {
        Units.KillKeeper();
        Units.KillServer();

        Assert.True(Pace.Until(40, () => Child.Run(Units.Program, "status", "--health").ExitCode == 0), Units.Journal);
        int keeper = Units.KeeperPid, server = Units.ServerPid;
        Processes.Kill(keeper);
        Processes.Kill(server);
        Units.ExpectServer(server);
        Units.ExpectKeeper(keeper);
    });

    [Fact]
    [Trait("run", "long")]
    public void A_crash_loop_and_a_start_limit() => During("systemd, crash loop, start limit hit", () =>
    {
        // On a slow machine the loop takes longer than readers wait by default, and they are let go.
        Units.SetReleaseSeconds(600);
        try
        {
            Units.Override("[Service]\nExecStart=\nExecStart=/bin/false\n");
            Processes.Kill(Units.ServerPid);
            Thread.Sleep(3000);
            Assert.Equal(2, Units.Stored("procfs"));

            // With the limit that other units have by default, it fails for good; that empties its store, and the keeper's is left.
            Units.Override("[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n[Service]\nExecStart=\nExecStart=/bin/false\n");
            Assert.True(Pace.Until(20, () => Child.Run("systemctl", "is-failed", "procfs").ExitCode == 0), "it has not failed");
            Assert.Equal(0, Units.Stored("procfs"));
        }
        finally
        {
            Units.Override(null);
        }

        Units.Control("reset-failed", "procfs");
        Units.Control("start", "procfs");
        Units.SetReleaseSeconds(null);
    });

    [Fact]
    [Trait("run", "long")]
    public void A_server_that_stands_still_is_replaced() => During("systemd, SIGSTOP", () => Units.KillServer(Signum.SIGSTOP));

    [Fact]
    public void Stopped_for_longer_than_the_release_time()
    {
        Assert.SkipUnless(Guest.HasSystemd, WhySkipped);
        const int ReleaseSeconds = 3;
        string mount = FuseMounts.Identity(Units.Mount);
        Units.SetReleaseSeconds(ReleaseSeconds);
        try
        {
            Stopwatch since = Stopwatch.StartNew();
            Units.Control("stop", "procfs");
            // The reader waits that long; and what it gets then are the kernel's own files, not errors.
            Output released = units.Container.ExecFor(Pace.Limit(30), "cat", "/proc/meminfo");
            Assert.True(Pace.Until(10, () => HostTotal() == TotalIn(units.Container.Exec("cat", "/proc/meminfo"))), $"{released.Out}{released.Error}\n{Units.Journal}");
            Assert.InRange(since.Elapsed.TotalSeconds, ReleaseSeconds - 1, Pace.Limit(ReleaseSeconds + 10).TotalSeconds);
            Assert.Empty(units.Container.OurFiles);
            Assert.Contains("Input/output error", Child.Run("cat", $"{Units.Mount}/proc/meminfo").Error, StringComparison.Ordinal);

            Units.Control("start", "procfs");

            AssertWholeAgain();
            Assert.Equal(mount, FuseMounts.Identity(Units.Mount));
        }
        finally
        {
            Units.Control("start", "procfs");
            Units.SetReleaseSeconds(null);
        }
    }

    [Fact]
    public void The_connection_is_lost_and_a_start_alone_makes_a_container_whole()
    {
        Assert.SkipUnless(Guest.HasSystemd, WhySkipped);
        int server = Units.ServerPid;

        // Whoever holds the descriptors, none of them is of use any more.
        FuseMounts.Abort(Units.Mount);
        Units.ExpectServer(server);

        AssertWholeAgain();
        Assert.Single(FuseMounts.On(Units.Mount));
    }

    private void AssertWholeAgain() =>
        Assert.True(Pace.Until(20, () => TotalIn(units.Container.Exec("cat", "/proc/meminfo")) == "MemTotal:          65536 kB"), $"{units.Container.Exec("cat", "/proc/meminfo")}\n{Units.Journal}");

    private static string HostTotal() => ProcText.Lines(File.ReadAllText("/proc/meminfo"))[0];

    private static string TotalIn(Output meminfo) => meminfo.Out.Split('\n')[0];

    /// <summary>Does something to the service, which no reader on the host or in the container may notice.</summary>
    private void During(string occasion, Action what)
    {
        Assert.SkipUnless(Guest.HasSystemd, WhySkipped);
        string hang = Pace.Limit(60).TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string mount = FuseMounts.Identity(Units.Mount);
        using Reader host = Reader.OnHost(Units.Mount, "--hang", hang), inside = Reader.In(units.Container, Units.Quota, "--hang", hang);
        Reader.AwaitReady(host, inside);

        what();

        Thread.Sleep(500);
        Reader.AssertUntroubled(occasion, host, inside);
        Assert.Equal(mount, FuseMounts.Identity(Units.Mount));
    }
}
