using System.Globalization;

namespace ProcFs.Integration.Tests;

/// <summary>
/// The process that answers readers cannot mount, nor enter a container: none of its threads can. What it needs done it has done by its attacher, whose end is noticed.
/// </summary>
public sealed class Separation(ServedTree tree)
{
    /// <summary>CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_IPC_LOCK, CAP_SYS_PTRACE, CAP_SYS_RESOURCE.</summary>
    private const ulong Kept = (1UL << 1) | (1UL << 2) | (1UL << 14) | (1UL << 19) | (1UL << 24);

    private const ulong SysAdmin = 1UL << 21, SysChroot = 1UL << 18;

    [Theory]
    [InlineData("CapPrm")]
    [InlineData("CapEff")]
    [InlineData("CapInh")]
    [InlineData("CapAmb")]
    public void No_thread_of_the_server_has_what_mounts(string set)
    {
        using Site site = new(tree);
        using Daemon serve = site.Serve();
        site.AssertServed(); // all workers are there

        string[] threads = [.. Directory.GetDirectories($"/proc/{Text(serve.Pid)}/task").Select(Status).Where(status => status.Length > 0)];

        Assert.True(threads.Length > 4, $"{threads.Length} threads");
        Assert.All(threads, status => Assert.Equal(0UL, Capabilities(status, set) & ~Kept));
        Assert.All(threads, status => Assert.Equal("1", Field(status, "NoNewPrivs")));
    }

    [Fact]
    public void The_attacher_has_it_and_nothing_of_the_connection()
    {
        using Site site = new(tree);
        using Daemon serve = site.Serve();

        int attacher = Processes.AttacherOf(serve.Pid);

        Assert.Equal(SysAdmin | SysChroot, Capabilities(Status($"/proc/{Text(attacher)}"), "CapEff") & (SysAdmin | SysChroot));
        Assert.False(Site.HoldsDevice(attacher), "a connection would outlive its server");
    }

    [Fact]
    public void One_that_was_given_descriptors_hands_none_to_its_attacher()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        Processes.Kill(Assert.Single(site.Servers));
        supervise.ExpectLife(2);
        site.AssertServed();

        int server = Assert.Single(site.Servers);

        Assert.True(Site.HoldsDevice(server));
        Assert.False(Site.HoldsDevice(Processes.AttacherOf(server)), "a connection would outlive its server");
        Assert.Equal(0UL, Capabilities(Status($"/proc/{Text(server)}"), "CapEff") & ~Kept);
    }

    [Fact]
    public void An_attacher_ends_with_its_server()
    {
        using Site site = new(tree);
        using Daemon serve = site.Serve();
        int attacher = Processes.AttacherOf(serve.Pid);

        serve.Kill();

        Assert.True(Processes.Ends(attacher, 5), "the attacher is still there");
    }

    [Fact]
    public void A_signal_to_the_whole_group_ends_it_after_its_last_work()
    {
        using Site site = new(tree);
        using Daemon serve = site.Serve();
        int attacher = Processes.AttacherOf(serve.Pid);
        Assert.NotEqual(0, attacher);

        _ = Mono.Unix.Native.Syscall.kill(attacher, Mono.Unix.Native.Signum.SIGTERM);
        serve.Signal(Mono.Unix.Native.Signum.SIGTERM);

        Assert.Equal(0, serve.WaitForExit());
        Assert.Empty(FuseMounts.On(site.Mount));
        Assert.True(Processes.Ends(attacher, 10), "it was left behind");
    }

    [Fact]
    public void A_server_whose_attacher_was_killed_hands_over_and_no_read_fails()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using Reader reader = Reader.OnHost(site.Mount);
        Reader.AwaitReady(reader);
        int server = Assert.Single(site.Servers);

        Processes.Kill(Processes.AttacherOf(server));

        supervise.ExpectLife(2);
        supervise.Expect("hands over to one that has another");
        Reader.AssertUntroubled("attacher killed", reader);
        Assert.True(Pace.Until(10, () => site.Servers.Count == 1 && site.Servers[0] != server && Processes.AttacherOf(site.Servers[0]) > 0), "the next server has no attacher");
    }

    [Fact]
    public void One_that_nobody_would_start_again_says_so_and_serves_on()
    {
        using Site site = new(tree);
        using Daemon serve = site.Serve();

        Processes.Kill(Processes.AttacherOf(serve.Pid));

        serve.Expect("then restart this daemon");
        site.AssertServed();
        Assert.False(serve.HasExited);
        serve.Signal(Mono.Unix.Native.Signum.SIGTERM);
        Assert.Equal(1, serve.WaitForExit());
        serve.Expect("is left mounted");
        using Daemon next = site.Serve();
        site.AssertServed();
    }

    [Fact]
    public void One_whose_keeper_would_start_no_other_serves_on_too()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon serve = site.Serve();

        Processes.Kill(Processes.AttacherOf(serve.Pid));

        serve.Expect("then restart this daemon");
        site.AssertServed();
        Assert.False(serve.HasExited);
    }

    [Fact]
    public void One_whose_attacher_stands_still_gives_signs_of_life()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        supervise.Expect("something attached to"); // it owes the server no answer
        int server = Assert.Single(site.Servers);
        int attacher = Processes.AttacherOf(server);
        _ = Mono.Unix.Native.Syscall.kill(attacher, Mono.Unix.Native.Signum.SIGSTOP);

        Thread.Sleep(TimeSpan.FromSeconds(15)); // longer than the supervisor's patience

        Assert.Equal([server], site.Servers);
        site.AssertServed();
        _ = Mono.Unix.Native.Syscall.kill(attacher, Mono.Unix.Native.Signum.SIGCONT);
    }

    [Fact]
    public void Without_what_mounts_from_the_start_it_says_what_it_lacks()
    {
        using Site site = new(tree);

        Output output = Child.Run(["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", .. site.ServeCommand]);

        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("CAP_SYS_ADMIN", output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void By_hand_it_is_of_no_use()
    {
        Output output = Child.Run(Daemon.Binary, "attacher");

        Assert.Equal(2, output.ExitCode);
        Assert.Contains("started by procfs serve", output.Error, StringComparison.Ordinal);
    }

    private static ulong Capabilities(string status, string set) => ulong.Parse(Field(status, set), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Of a process or a thread; empty when it has ended.</summary>
    private static string Status(string directory)
    {
        try
        {
            return File.ReadAllText(directory + "/status");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Field(string status, string name)
        => Assert.Single(status.Split('\n'), line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    private static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);
}
