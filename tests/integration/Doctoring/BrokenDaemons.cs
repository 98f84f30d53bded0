using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>Daemons and keepers that do not what they should: named by doctor, and mended by what it says.</summary>
[Trait("run", "long")]
public sealed class BrokenDaemons : IDisposable
{
    private readonly ServedTree _tree;
    private readonly SupervisorLog _log = new();
    private readonly Site _site;
    private readonly Doctor _doctor;

    public BrokenDaemons(ServedTree tree)
    {
        _tree = tree;
        _site = new Site(tree);
        _doctor = new Doctor(tree, _site);
    }

    public void Dispose()
    {
        foreach (int pid in Processes.WithArgument(_site.RunDirectory))
        {
            _ = Syscall.kill(pid, Signum.SIGCONT);
        }

        _site.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void One_that_is_kept_and_answers_is_well()
    {
        using Daemon supervise = _site.Supervise();
        using OciContainer container = _tree.Run(new() { IsBare = true, Memory = 64 << 20 });
        Child.Run([.. _site.Command("attach"), Text(container.Pid)]).Ok();
        string[] checks = ["config", "run-directory", "run-directory.room", "daemon", "mount", "mount.private", "keeper", "daemon.namespaces", "registry", "containers.files", "containers.dead"];

        Diagnosis diagnosis = _doctor.LookUntil(one => one.ExitCode == 0 && checks.All(one.IsOk));

        Assert.True(diagnosis.ExitCode == 0, diagnosis.Raw);
        Assert.DoesNotContain(diagnosis.All, told => told.State == "bad");
        Assert.All(checks, diagnosis.ExpectOk);
        Assert.Contains("1 container registered", Assert.Single(diagnosis.Of("registry")).Text, StringComparison.Ordinal);
        Output quiet = Said("--quiet"), whole = Said();
        Assert.DoesNotContain("  ok ", quiet.Ok(), StringComparison.Ordinal);
        Assert.Contains("containers are served right", whole.Ok(), StringComparison.Ordinal);

        Output Said(params string[] options)
        {
            Output last = _site.Run("doctor", options);
            _ = Pace.Until(10, () => last.ExitCode == 0 || (last = _site.Run("doctor", options)).ExitCode == 0);
            return last;
        }
    }

    [Fact]
    public void None_at_all()
    {
        Diagnosis before = _doctor.Mend("daemon", "bad", "nobody serves");

        Assert.Equal(1, before.ExitCode);
        Assert.Equal(0, _doctor.LookFor(exitCode: 0).ExitCode);
        _site.AssertServedSoon();
    }

    [Fact]
    public void One_that_was_stopped_by_a_signal()
    {
        // Not under a supervisor, who would end it after ten seconds.
        using Daemon keeper = _site.Keep(), serve = _site.Serve();
        int server = Assert.Single(_site.Servers);
        _ = Syscall.kill(server, Signum.SIGSTOP);

        Diagnosis before = _doctor.Mend("daemon", "bad", $"process {Text(server)}, was stopped by a signal");

        Assert.Equal(1, before.ExitCode);
        Assert.Equal([server], _site.Servers);
        _site.AssertServedSoon();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_that_listens_and_does_not_answer(bool isSupervised)
    {
        using Daemon? keeper = isSupervised ? null : _site.Keep();
        using Daemon daemon = isSupervised ? _site.Supervise() : _site.Serve();
        int server;
        Diagnosis before;
        int tries = 0;
        do
        {
            server = Assert.Single(_site.Servers);
            // Every thread but the first, which says that it is not stopped.
            using Daemon tracer = Daemon.Begin(null, "/usr/bin/python3", "-c", Freeze, Text(server));
            tracer.Expect("frozen");
            before = _doctor.Look();
            tracer.Kill();
        }
        while (++tries < 3 && isSupervised && !_site.Servers.SequenceEqual([server])); // its supervisor was quicker, after ten seconds

        _doctor.Do(before.Expect("daemon", "bad", "does not answer"));

        _doctor.ExpectOk("daemon");
        Assert.DoesNotContain(server, _site.Servers);
        Assert.Single(_site.Servers);
        _site.AssertServedSoon();
    }

    [Fact]
    public void A_connection_that_was_aborted()
    {
        using Daemon serve = _site.Serve();
        FuseMounts.Abort(_site.PrivateMount);
        Assert.Equal(1, serve.WaitForExit());
        Told told = _doctor.LookFor("mount", "bad", "is dead (ENOTCONN)").Expect("mount", "bad", "is dead (ENOTCONN)");

        _doctor.Do(told);

        _doctor.ExpectOk("mount");
        _doctor.ExpectOk("daemon");
        _site.AssertServedSoon();
    }

    [Fact]
    public void One_whose_readers_wait_for_the_next()
    {
        using Daemon keeper = _site.Keep();
        using Daemon serve = _site.Serve();
        _doctor.ExpectOk("keeper");
        serve.Kill();

        Diagnosis before = _doctor.LookFor("daemon", "bad", "its readers wait");
        before.Expect("mount", "bad", "waits for a daemon");
        _doctor.Do(before.Expect("daemon", "bad", "its readers wait"));

        _doctor.ExpectOk("daemon");
        _doctor.ExpectOk("mount");
        _site.AssertServedSoon();
        Assert.False(keeper.HasExited);
    }

    [Fact]
    public void One_that_nobody_keeps()
    {
        using Daemon serve = _site.Serve();

        Diagnosis before = _doctor.Mend("keeper", "warning", "nobody keeps", exitCode: 0);

        Assert.Equal(0, before.ExitCode);
        Assert.False(serve.HasExited);
    }

    [Fact]
    public void A_keeper_that_was_stopped_by_a_signal()
    {
        using Daemon supervise = _site.Supervise();
        supervise.Signal(Signum.SIGSTOP);

        _doctor.Mend("keeper", "warning", $"process {Text(supervise.Pid)}, was stopped by a signal");
    }

    [Fact]
    public void One_in_a_mount_namespace_of_its_own()
    {
        using Daemon serve = Daemon.Launch(null, ["unshare", "--mount", "--propagation", "private", .. _site.ServeCommand]);
        Assert.Empty(FuseMounts.On(_site.Mount));

        Diagnosis before = _doctor.Mend("daemon.namespaces", "bad", "has a mount namespace of its own");

        Assert.Equal(1, before.ExitCode);
        _doctor.ExpectOk("mount");
        _site.AssertServedSoon();
    }

    [Theory]
    [InlineData("sys_ptrace", "warning")]
    [InlineData("sys_chroot", "bad")]
    public void One_without_a_capability(string capability, string state)
    {
        using (Daemon serve = Daemon.Launch(null, ["setpriv", "--bounding-set", $"-{capability}", "--inh-caps", $"-{capability}", .. _site.ServeCommand]))
        {
            Told told = _doctor.Look().Expect("daemon.capabilities", state, $"lacks CAP_{capability.ToUpperInvariant()}");
            Assert.Contains("start it with", told.Advice, StringComparison.Ordinal);
        }

        using Daemon next = _site.Serve();
        Assert.DoesNotContain(_doctor.Look().Of("daemon.capabilities"), told => told.State is "bad" or "warning");
    }

    [Fact]
    public void One_whose_attacher_was_killed()
    {
        using Daemon serve = _site.Serve();
        int attacher = Processes.AttacherOf(serve.Pid);
        Assert.NotEqual(0, attacher);
        Processes.Kill(attacher);

        Diagnosis before = _doctor.LookFor("daemon.capabilities", "bad", "attacher, process");
        _doctor.Do(before.Expect("daemon.capabilities", "bad", "attacher, process"));

        Assert.Equal(1, before.ExitCode);
        _doctor.ExpectOk("daemon");
        // A root that lacks CAP_SYS_RESOURCE is told of that all the same.
        Diagnosis after = _doctor.Look();
        Assert.True(Pace.Until(20, () => !after.IsLateWith("daemon.capabilities") || !(after = _doctor.Look()).IsLateWith("daemon.capabilities")));
        Assert.DoesNotContain(after.Of("daemon.capabilities"), told => told.State is "bad" or "warning");
        _site.AssertServedSoon();
    }

    [Fact]
    public void One_that_may_open_few_files()
    {
        using (Daemon serve = Daemon.Launch(null, ["prlimit", "--nofile=1024:1024", .. _site.ServeCommand]))
        {
            Told told = _doctor.Look().Expect("daemon.limits", "warning", "may open 1024 files");
            Assert.Contains("ulimit -Hn", told.Advice, StringComparison.Ordinal);
        }

        using Daemon next = _site.Serve();
        _doctor.ExpectOk("daemon.limits");
    }

    [Fact]
    public void One_whose_public_mount_somebody_took_away()
    {
        using Daemon supervise = _site.Supervise();
        Child.Run("umount", "--lazy", _site.Mount).Ok();

        _doctor.Mend("mount", "bad", "is not mounted although the daemon runs");

        _site.AssertServedSoon();
    }

    [Fact]
    public void One_whose_private_mount_somebody_took_away()
    {
        using Daemon supervise = _site.Supervise();
        string place = _site.PrivateMount;
        Child.Run("umount", "--lazy", place).Ok();

        _doctor.Mend("mount.private", "bad", "no container gets files of its own");

        Assert.True(Pace.Until(15, () => FuseMounts.Below($"{_site.RunDirectory}/fuse").SequenceEqual([place])), supervise.Log);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Attaches to every thread but the first one, as a debugger does, and holds them.</summary>
    private const string Freeze =
        """
        import ctypes, os, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long] * 4
        pid = int(sys.argv[1])
        SEIZE, INTERRUPT, WALL = 0x4206, 0x4207, 0x40000000
        for thread in map(int, os.listdir(f'/proc/{pid}/task')):
            if thread != pid and libc.ptrace(SEIZE, thread, 0, 0) == 0:
                libc.ptrace(INTERRUPT, thread, 0, 0)
                os.waitpid(thread, WALL)
        print('frozen', flush=True)
        time.sleep(3600)
        """;
}
