using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>What a server finds that is handed the descriptors of another: whole, forged, or without a mount.</summary>
[Trait("run", "long")]
public sealed class Adoption(ServedTree tree)
{
    [Theory]
    [InlineData("device,journal")]
    [InlineData("journal,device")]
    public void Descriptors_are_told_by_their_names(string order)
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        using Reader reader = Reader.OnHost(site.Mount);
        Reader.AwaitReady(reader);
        string mount = FuseMounts.Identity(site.Mount);

        using Daemon next = site.HandOver(first.Pid, "--order", order);

        next.Expect("resumed");
        Reader.AssertUntroubled("handed over", reader);
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
        // Descriptors 3 and 4 were not meant for its children, and hold nobody up.
        Assert.Single(Processes.OpenFiles(next.Pid), f => f == "/dev/fuse");
    }

    [Fact]
    public void Killed_during_recovery_again_and_again()
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        using Reader one = Reader.OnHost(site.Mount, "--pause", "0"), two = Reader.OnHost(site.Mount, "--pause", "0"), three = Reader.OnHost(site.Mount, "--pause", "0");
        Reader.AwaitReady(one, two, three);
        string kills = Kills.Count(60, soak: 300).ToString(CultureInfo.InvariantCulture);

        string within = Pace.Limit(25).TotalSeconds.ToString(CultureInfo.InvariantCulture);

        using Daemon next = site.HandOver(first.Pid, "--kills", kills, "--within", within);

        site.AssertServed();
        Reader.AssertUntroubled($"{kills} kills during recovery", one, two, three);
    }

    [Theory]
    [InlineData("version", "version 77")]
    [InlineData("truncated", "truncated")]
    [InlineData("empty", "journal")]
    [InlineData("rubbish", "journal")]
    [InlineData("hostile", "journal")]
    [InlineData("unsealed", "seal")]
    [InlineData("file", "journal")]
    [InlineData("none", "journal")]
    public void A_journal_that_cannot_be_used_is_told_once_and_replaced(string kind, string told)
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        using Reader one = Reader.OnHost(site.Mount, "--pause", "0"), two = Reader.OnHost(site.Mount, "--pause", "0");
        Reader.AwaitReady(one, two);

        using Daemon next = site.HandOver(first.Pid, "--journal", kind);

        site.AssertServed();
        Assert.Single(next.Lines(told), IsWarning);
        // The texts of open files are lost with the journal. But on a kernel that can send requests again no read fails, and nowhere does one wait for ever.
        ReaderReport[] reports = [one.Finish(), two.Finish()];
        Assert.All(reports, r => Assert.True(r.Hung.Count == 0 && (r.Failed.Count == 0 || !Host.CanResend), r.Troubles));
        next.Kill();
        AssertNothingStuck();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("dead")]
    public void A_device_that_is_missing_or_dead_is_replaced_by_a_new_mount(string device)
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();

        using Daemon next = site.HandOver(first.Pid, "--device", device);

        site.AssertServed();
        Assert.Single(FuseMounts.On(site.Mount));
        Assert.Empty(next.Lines("resumed"));
    }

    [Fact]
    public void An_empty_store_is_a_first_start()
    {
        using Site site = new(tree);

        using Daemon server = Daemon.Launch(null, ["sh", "-c", "LISTEN_FDS=0 LISTEN_PID=$$ LISTEN_FDNAMES= exec \"$@\"", "sh", .. site.ServeCommand]);

        site.AssertServed();
        Assert.Equal([], server.Lines("Warning").Where(l => !l.Contains("nobody keeps the descriptors", StringComparison.Ordinal)));
    }

    [Fact]
    public void Descriptors_for_another_process_are_left_alone()
    {
        using Site site = new(tree);

        using Daemon server = Daemon.Launch(null, ["sh", "-c", "LISTEN_FDS=2 LISTEN_PID=1 LISTEN_FDNAMES=procfs-device:procfs-journal exec \"$@\" 3</dev/null 4</dev/null", "sh", .. site.ServeCommand]);

        site.AssertServed();
    }

    [Fact]
    public void A_connection_that_was_aborted_is_replaced()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();

        FuseMounts.Abort(site.Mount);

        supervise.ExpectLife(2);
        site.AssertServed();
        Assert.Single(FuseMounts.On(site.Mount));
    }

    [Fact]
    public void A_mount_that_was_taken_away_comes_back_and_a_bind_of_a_file_lives_on()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        string bind = $"{tree.NewDirectory("bind")}/meminfo";
        File.WriteAllText(bind, "");
        Child.Run("mount", "--bind", $"{site.Mount}/proc/meminfo", bind).Ok();
        try
        {
            Child.Run("umount", "--lazy", site.Mount).Ok();
            Assert.StartsWith("MemTotal:", Child.Run("cat", bind).Ok(), StringComparison.Ordinal);

            Processes.Kill(Assert.Single(site.Servers));
            supervise.ExpectLife(2);

            Assert.StartsWith("MemTotal:", Child.Run("cat", bind).Ok(), StringComparison.Ordinal);
            site.AssertServed();
        }
        finally
        {
            FuseMounts.Remove(bind);
        }
    }

    [Fact]
    public void A_program_of_ours_that_waits_on_the_mount_outlives_its_server()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using Running run = Child.Start(Daemon.Binary, "run", "--mount", site.Mount, "--run-dir", site.RunDirectory, "--memory", "50m", "--",
            "sh", "-c", "while :; do cat /proc/meminfo /proc/stat >/dev/null || exit 7; done");

        Kills.OfSupervised(supervise, Kills.Count(8, soak: 40));
        site.AssertServed();

        Assert.False(run.Process.HasExited, "the program has ended");
        _ = Syscall.kill(run.Process.Id, Signum.SIGTERM);
        Assert.NotEqual(7, run.Finish(Pace.Limit(20)).ExitCode);
        AssertNothingStuck();
    }

    private static bool IsWarning(string line) => line.Contains("\"Warning\"", StringComparison.Ordinal);

    private static void AssertNothingStuck()
    {
        IReadOnlyList<string> stuck = [];
        Assert.True(Pace.Until(5, () => (stuck = [.. Processes.Stuck("procfs"), .. Processes.Stuck("(cat")]).Count == 0), string.Join('\n', stuck));
    }
}
