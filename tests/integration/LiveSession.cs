using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>A session that containers use is not given up for what may pass: the start fails, says why, and the next one carries on.</summary>
[Trait("run", "long")]
public sealed class LiveSession(ServedTree tree)
{
    [Theory]
    [InlineData(8 << 10, "cannot be locked in memory")] // the journal
    [InlineData(128 << 10, "for replies")] // what comes after it
    public void A_limit_that_was_lowered(int bytes, string reason)
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        using Daemon holder = site.Hold(first.Pid);

        // Root may lock what it likes unless it has lost that capability.
        site.AssertRefused(reason, ["setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock", "prlimit", $"--memlock={bytes}:{bytes}",
            .. site.HandOverCommand(holder.Pid, "--spare")]);

        using Daemon next = site.HandOver(holder.Pid, "--spare");
        next.Expect("resumed");
        file.AssertReads();
        site.AssertServed();
    }

    [Fact]
    public void A_keeper_that_is_stopped()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        first.Signal(Signum.SIGTERM);
        Assert.Equal(0, first.WaitForExit());

        keeper.Signal(Signum.SIGSTOP);
        try
        {
            site.AssertRefused(site.RunDirectory, site.ServeCommand);
        }
        finally
        {
            keeper.Signal(Signum.SIGCONT);
        }

        using Daemon next = site.Serve();
        next.Expect("resumed");
        file.AssertReads();
        site.AssertServed();
    }

    [Fact]
    public void A_process_that_works_on_the_session()
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        using Daemon holder = site.Hold(first.Pid);
        using (Daemon other = site.HandOver(holder.Pid, "--spare"))
        {
            // It has the session's lock; that of the mount is another one in another run directory.
            string elsewhere = tree.NewDirectory("run");
            site.AssertRefused(string.Create(CultureInfo.InvariantCulture, $"process {other.Pid} "),
                [.. site.HandOverCommand(holder.Pid, "--spare").Select(a => a == site.RunDirectory ? elsewhere : a)]);
            site.AssertServed();
            other.Kill();
        }

        using Daemon next = site.HandOver(holder.Pid, "--spare");
        next.Expect("resumed");
        file.AssertReads();
    }
}
