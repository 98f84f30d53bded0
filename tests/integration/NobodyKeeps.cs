using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>A server whose descriptors nobody keeps says so, and unmounts when it is told to end: whoever comes later finds no dead mount.</summary>
[Trait("run", "long")]
public sealed class NobodyKeeps(ServedTree tree)
{
    private const string Told = "nobody keeps the descriptors of";

    /// <summary>Runs a command, and says of that and of every orphan it leaves how it ended.</summary>
    private const string Heir =
        """
        import ctypes, os, sys
        PR_SET_CHILD_SUBREAPER = 36
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        if os.fork() == 0:
            os.execvp(sys.argv[1], sys.argv[1:])
        while True:
            pid, status = os.wait()
            print(f'process {pid} ended with {os.waitstatus_to_exitcode(status)}', flush=True)
        """;

    /// <summary>Hears notifications as container engines do: whatever descriptors come along are closed, which also answers a barrier.</summary>
    private const string Listener =
        """
        import array, os, socket, sys
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(sys.argv[1])
        print('listening', flush=True)
        while True:
            text, parts, _, _ = s.recvmsg(4096, 256)
            for _, _, data in parts:
                for fd in array.array('i', data):
                    os.close(fd)
            print('heard', text, flush=True)
        """;

    [Fact]
    public void Since_its_supervisor_was_killed()
    {
        using Site site = new(tree);
        using Daemon heir = Daemon.Launch(null, ["/usr/bin/python3", "-c", Heir, .. site.SuperviseCommand]);
        int supervise = Assert.Single(Processes.ChildrenOf(heir.Pid)), orphan = Assert.Single(Processes.ChildrenOf(supervise));

        heir.Expect("something attached"); // it is ready, and has seen that it is kept
        Processes.Kill(supervise);
        heir.Expect(Told, 6);
        Assert.Single(heir.Lines(Told), l => l.Contains(site.Mount, StringComparison.Ordinal) && l.Contains("any more", StringComparison.Ordinal));
        site.AssertServed();
        _ = Syscall.kill(orphan, Signum.SIGTERM);

        heir.Expect(string.Create(CultureInfo.InvariantCulture, $"process {orphan} ended with 0"));
        Assert.Empty(FuseMounts.On(site.Mount));
    }

    [Fact]
    public void Since_its_keeper_was_killed()
    {
        using Site site = new(tree);
        using Daemon keeper = site.Keep();
        using Daemon server = site.Serve();
        Assert.Empty(server.Lines(Told));

        keeper.Kill();
        server.Expect(Told, 6);

        AssertUnmounts(site, server);
    }

    [Theory]
    [InlineData("SYSTEMD_EXEC_PID=1")]
    [InlineData("-uSYSTEMD_EXEC_PID")]
    public void Although_somebody_who_did_not_start_it_listens(string starter)
    {
        using Site site = new(tree);
        string socket = $"{tree.NewDirectory("notify")}/socket";
        using Daemon listener = Daemon.Begin(null, "/usr/bin/python3", "-c", Listener, socket);
        listener.Expect("listening");

        using Daemon server = Daemon.Launch(null, ["env", starter, $"NOTIFY_SOCKET={socket}", .. site.ServeCommand]);

        server.Expect(Told);
        listener.Expect("READY=1");
        AssertUnmounts(site, server);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SYSTEMD_EXEC_PID=1")]
    [InlineData("SYSTEMD_EXEC_PID=$$")]
    public void With_a_manager_that_does_not_listen(string starter)
    {
        using Site site = new(tree);
        string socket = $"{tree.NewDirectory("notify")}/socket";

        using Daemon server = Daemon.Launch(null, ["sh", "-c", $"{starter} NOTIFY_SOCKET={socket} exec \"$@\"", "sh", .. site.ServeCommand]);

        server.Expect(Told);
        AssertUnmounts(site, server);
    }

    private static void AssertUnmounts(Site site, Daemon server)
    {
        site.AssertServed();
        server.Signal(Signum.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.Empty(FuseMounts.On(site.Mount));
    }
}
