using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>A service manager that has no time to read still has what it was given.</summary>
[Trait("run", "long")]
public sealed class BusyManager(ServedTree tree)
{
    /// <summary>Keeps what it is sent; after SIGUSR1 it reads nothing more until the next.</summary>
    private const string Manager =
        """
        import array, os, signal, socket, sys
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(sys.argv[1])
        print('listening', flush=True)
        kept = []
        while True:
            if signal.SIGUSR1 in signal.sigpending():
                signal.sigwait([signal.SIGUSR1])
                print('busy', flush=True)
                signal.sigwait([signal.SIGUSR1])
                print('back', flush=True)
            text, parts, _, _ = s.recvmsg(4096, 256)
            for _, _, data in parts:
                for fd in array.array('i', data):
                    os.close(fd) if b'BARRIER' in text else kept.append(fd)
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stop_leaves_the_mount(bool isBackBefore)
    {
        using Site site = new(tree);
        string socket = $"{tree.NewDirectory("notify")}/socket";
        using Daemon manager = Daemon.Begin(null, "/usr/bin/python3", "-c", Manager, socket);
        manager.Expect("listening");
        // So many signs of life that its queue is full at once.
        using Daemon server = Daemon.Launch(null, ["sh", "-c", $"NOTIFY_SOCKET={socket} SYSTEMD_EXEC_PID=$$ WATCHDOG_USEC=100000 exec \"$@\"", "sh", .. site.ServeCommand]);

        manager.Signal(Signum.SIGUSR1);
        manager.Expect("busy");
        Thread.Sleep(Pace.Limit(5));
        if (isBackBefore)
        {
            manager.Signal(Signum.SIGUSR1);
            manager.Expect("back");
            Thread.Sleep(Pace.Limit(1));
        }

        server.Signal(Signum.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.Empty(server.Lines("nobody keeps"));
        Assert.Single(FuseMounts.On(site.Mount));
    }
}
