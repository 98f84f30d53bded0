using System.Diagnostics;
using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

[Trait("run", "long")]
public sealed class Supervise(ServedTree tree)
{
    [Theory]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGINT)]
    public void A_signal_to_end_leaves_nothing(Signum signal)
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();

        supervise.Signal(signal);

        Assert.Equal(0, supervise.WaitForExit());
        Assert.Empty(FuseMounts.On(site.Mount));
        Assert.Empty(Processes.WithArgument(site.RunDirectory));
    }

    [Fact]
    public void A_server_that_cannot_start_ends_it_with_the_servers_words()
    {
        string nowhere = $"{tree.Scratch}/nowhere";

        Output output = Child.Run(Daemon.Binary, "supervise", "--mount", nowhere, "--run-dir", tree.NewDirectory("run"));

        Assert.Equal(1, output.ExitCode);
        string[] started = [.. ProcText.Lines(output.Error).Where(l => l.Contains("started the server", StringComparison.Ordinal))];
        Assert.Single(started);
        Assert.Single(ProcText.Lines(output.Error), $"procfs: the mount point {nowhere} does not exist: create it (mkdir -p)");
        Assert.Empty(Processes.WithArgument(nowhere));
    }

    [Fact]
    public void A_kill_of_the_supervisor_leaves_the_server_at_work_and_the_next_one_takes_over()
    {
        using Site site = new(tree);
        using Daemon first = site.Supervise();
        using Reader reader = Reader.OnHost(site.Mount);
        Reader.AwaitReady(reader);
        string mount = FuseMounts.Identity(site.Mount);
        int orphan = Assert.Single(site.Servers);

        first.Kill();
        site.AssertServed();
        using Daemon second = site.Supervise();
        site.AssertServed();
        int server = Assert.Single(Processes.ChildrenOf(second.Pid));
        Processes.Kill(server);
        second.ExpectLife(2);
        site.AssertServed();

        Reader.AssertUntroubled("supervise killed", reader);
        Assert.True(Processes.Ends(orphan, 5), "the orphan is still there");
        Assert.Equal(mount, FuseMounts.Identity(site.Mount));
    }

    [Fact]
    public void A_server_that_stands_still_is_replaced()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using Reader reader = Reader.OnHost(site.Mount, "--hang", Pace.Limit(60).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        Reader.AwaitReady(reader);
        int still = Assert.Single(site.Servers);

        _ = Syscall.kill(still, Signum.SIGSTOP);

        supervise.ExpectLife(2);
        Reader.AssertUntroubled("SIGSTOP", reader);
        Assert.True(Processes.Ends(still, 5), "the stopped server is still there");
    }

    [Fact]
    public void A_start_that_fails_again_and_again_is_not_tried_without_a_pause()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using Reader reader = Reader.OnHost(site.Mount);
        Reader.AwaitReady(reader);
        HashSet<int> servers = [];

        // Every new server is killed at once for a second.
        Stopwatch since = Stopwatch.StartNew();
        while (since.Elapsed < Pace.Limit(1) || (servers.Count < 2 && since.Elapsed < Pace.Limit(20)))
        {
            foreach (int server in Processes.ChildrenOf(supervise.Pid))
            {
                servers.Add(server);
                Processes.Kill(server);
            }

            Thread.Sleep(1);
        }

        // 10 + 20 + 40 + … ms: the eighth comes after 1.3 s, and time is counted fourfold on the slowest machine.
        Assert.InRange(servers.Count, 2, 12);
        site.AssertServed();
        Reader.AssertUntroubled($"{servers.Count} starts killed at once", reader);
    }

    [Fact]
    public void As_process_1_it_reaps_what_is_left_to_it()
    {
        using Site site = new(tree);
        using Daemon outside = site.SuperviseAsInit();
        int init = Assert.Single(Processes.ChildrenOf(outside.Pid));
        string[] inside = ["nsenter", "--target", init.ToString(CultureInfo.InvariantCulture), "--pid", "--mount"];
        Child.Run([.. inside, "sh", "-c", "sleep 600 >/dev/null 2>&1 & sleep 600 >/dev/null 2>&1 &"]).Ok();
        int[] orphans = [];
        Assert.True(Pace.Until(10, () => (orphans = [.. Processes.ChildrenOf(init).Where(pid => Processes.CommandLine(pid) is ["sleep", ..])]).Length == 2), "the two orphans are not its children");
        Array.ForEach(orphans, Processes.Kill);

        Assert.True(Pace.Until(10, () => Processes.ChildrenOf(init).Count == 1), "somebody was not reaped");
        Processes.Kill(Processes.ChildrenOf(init)[0]);
        outside.ExpectLife(2);
        Assert.StartsWith("MemTotal:", Child.Run([.. inside, "cat", $"{site.Mount}/proc/meminfo"]).Ok(), StringComparison.Ordinal);
        _ = Syscall.kill(init, Signum.SIGTERM);
        Assert.Equal(0, outside.WaitForExit());
    }
}
