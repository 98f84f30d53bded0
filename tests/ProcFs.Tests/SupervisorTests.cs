using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests;

[CollectionDefinition(nameof(SupervisorTests), DisableParallelization = true)]
public sealed class SupervisorTestsAlone;

/// <summary>
/// The supervisor with a small server of ours: a script that speaks sd_notify and writes down what it is given. Alone, because
/// descriptors are counted and children taken.
/// </summary>
[Collection(nameof(SupervisorTests))]
public sealed partial class SupervisorTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Mount = "/mnt/x";

    /// <summary>Begins every script. A life is one line in the file: what it got, or what it did.</summary>
    private const string Prelude = """
        import array, os, signal, socket, sys, tempfile, time
        def say(text, *descriptors):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
            s.sendmsg([text.encode()], rights, 0, "\0" + os.environ["NOTIFY_SOCKET"][1:])
        def note(text):
            with open(sys.argv[1], "a") as f: f.write(text + "\n")
        def file(text):
            f = tempfile.TemporaryFile(); f.write(text.encode()); f.flush()
            return os.dup(f.fileno())
        def store(barrier=True):
            say("FDSTORE=1\nFDNAME=procfs-device\nFDPOLL=0", file("device"))
            say("FDSTORE=1\nFDNAME=procfs-journal\nFDPOLL=0", file("/mnt/x"))
            if barrier: wait()
        def wait():
            (r, w) = os.pipe(); say("BARRIER=1", w); os.close(w); os.read(r, 1)
        def given():
            names = dict(zip(os.environ.get("LISTEN_FDNAMES", "").split(":"), range(3, 10)))
            if not os.environ.get("LISTEN_FDS"): return "nothing"
            return os.pread(names["procfs-device"], 99, 0).decode() + " " + os.pread(names["procfs-journal"], 99, 0).decode()
        signal.signal(signal.SIGTERM, lambda *_: (note("term"), os._exit(0)))
        lives = len(open(sys.argv[1]).readlines()) if os.path.exists(sys.argv[1]) else 0

        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-supervise-").FullName;
    private readonly FakeKept.Factory _made = new();
    private readonly List<string> _unmounted = [];
    private readonly SignalInbox _signals = new();

    public SupervisorTests() => Assert.SkipUnless(File.Exists(Python), $"needs a server to start: there is no {Python}");

    private string Notes => Path.Combine(_directory, "notes");

    public void Dispose()
    {
        _signals.Dispose();
        Assert.True(SpinWait.SpinUntil(() => Children() == 0, TimeSpan.FromSeconds(20)), "a server outlives its supervisor");
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void What_a_server_stores_the_next_one_gets()
    {
        Stopwatch time = Stopwatch.StartNew();
        using Running running = Run("""
            note(given())
            if lives == 0: store()
            say("READY=1")
            time.sleep(0.15)
            if lives == 4: time.sleep(100)
            os.kill(os.getpid(), signal.SIGKILL)
            """);
        WaitForNotes(5);
        // At once after each: the pauses of lives that fail would add up to more.
        Assert.InRange(time.Elapsed.TotalSeconds, 0.6, 20);
        Assert.Equal(0, running.Stop());
        Assert.Equal(["nothing", "device /mnt/x", "device /mnt/x", "device /mnt/x", "device /mnt/x"], File.ReadAllLines(Notes)[..5]);
    }

    [Fact]
    public void The_server_is_told_where_to_speak_and_how_often()
    {
        Dictionary<string, string> ours = new()
        {
            ["PATH"] = "/bin",
            ["SYSTEMD_EXEC_PID"] = "5",
            ["EMPTY"] = "",
            ["NOTIFY_SOCKET"] = "/other",
            ["WATCHDOG_PID"] = "1",
            ["WATCHDOG_USEC"] = "1",
            ["LISTEN_FDS"] = "7",
            ["LISTEN_PID"] = "1",
            ["LISTEN_FDNAMES"] = "x",
            ["PROCFS_OF_SERVICE"] = "1",
        };
        Assert.Equal(["EMPTY=", "PATH=/bin", "PROCFS_OF_SERVICE=1", "SYSTEMD_EXEC_PID=5"], ChildEnvironment.ForService(ours).Order(StringComparer.Ordinal));
        string[] always = ["EMPTY=", "NOTIFY_SOCKET=@s", "PATH=/bin", "SYSTEMD_EXEC_PID=5", "WATCHDOG_USEC=10000000"];
        Assert.Equal(always, ChildEnvironment.Of((IDictionary)ours, "@s", TimeSpan.FromSeconds(10), isHandedOver: false).Order(StringComparer.Ordinal));
        Assert.Equal([.. always, "LISTEN_FDNAMES=procfs-device:procfs-journal", "LISTEN_FDS=2"],
            ChildEnvironment.Of((IDictionary)ours, "@s", TimeSpan.FromSeconds(10), isHandedOver: true).OrderBy(line => Array.IndexOf(always, line) < 0).ThenBy(line => line, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("sys.exit(2)", 2)]
    [InlineData("sys.exit(0)", 0)]
    [InlineData("os.kill(os.getpid(), signal.SIGSEGV)", 139)]
    [InlineData("say('FDSTORE=1\\nFDNAME=procfs-device', file('device')); sys.exit(3)", 3)] // one is as good as none
    [InlineData("say('FDSTORE=1\\nFDNAME=other', file('device')); sys.exit(3)", 3)]
    public void A_server_that_never_gets_ready_ends_the_supervisor_with_its_exit_code(string script, int code)
    {
        int before = Descriptors.Count();
        using (Running running = Run(script))
        {
            Assert.Equal(code, running.Wait());
        }

        Assert.Empty(_unmounted);
        Descriptors.AssertCount(before);
    }

    [Fact]
    public void With_descriptors_stored_even_a_server_that_never_gets_ready_is_restarted()
    {
        using Running running = Run("""
            note(given())
            if lives == 0: store()
            if lives == 3: say("READY=1"); time.sleep(100)
            sys.exit(1)
            """);
        WaitForNotes(4);
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void What_is_stored_and_was_never_mounted_keeps_no_supervisor_going()
    {
        _made.AreMounted = false;
        using Running running = Run("note('life'); store(); sys.exit(4)");
        Assert.Equal(4, running.Wait());
        Assert.Equal(["life"], File.ReadAllLines(Notes));
        Assert.False(_made[Mount].IsDisposed);
        running.Dispose();
        Assert.True(_made[Mount].IsDisposed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // before Linux 5.3
    public void An_end_is_noticed_at_once(bool isWatched)
    {
        ConcurrentQueue<double> starts = [];
        using Running running = Run("""
            if lives == 0: store()
            say("READY=1")
            time.sleep(0.2)
            note(str(time.monotonic()))
            if lives == 5: time.sleep(100)
            os.kill(os.getpid(), signal.SIGKILL)
            """, options => options with
        {
            Watch = pid =>
            {
                starts.Enqueue(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency); // the same clock
                return isWatched ? Libc.PidfdOpen(pid) : -(int)Errno.ENOSYS;
            },
        });
        WaitForNotes(6);
        Assert.True(SpinWait.SpinUntil(() => starts.Count >= 6, TimeSpan.FromSeconds(30)));
        double[] ends = [.. File.ReadAllLines(Notes).Take(5).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        // It looks around by itself only once a second.
        double[] gaps = [.. starts.Take(6).Skip(1).Zip(ends, (start, end) => start - end).Order()];
        Assert.Equal(5, gaps.Length);
        Assert.InRange(gaps[2], 0, 0.4);
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void A_server_that_somebody_else_took_is_replaced()
    {
        int started = 0;
        using Running running = Run("""
            note(given())
            if lives == 0: store(barrier=False)
            say("READY=1")
            if lives == 1: time.sleep(100)
            """, options => options with
        {
            Watch = pid => Interlocked.Increment(ref started) == 1 ? Taken(pid) : Libc.PidfdOpen(pid),
        });
        WaitForNotes(2);
        Assert.Equal(["nothing", "device /mnt/x"], File.ReadAllLines(Notes)[..2]);
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void How_it_ended_nobody_knows_then()
    {
        using Running running = Run("sys.exit(0)", options => options with { Watch = Taken });
        Assert.Equal(1, running.Wait());
    }

    /// <summary>Takes an ended child away from its supervisor, as the runtime may do.</summary>
    private static int Taken(int pid)
    {
        Assert.True(SpinWait.SpinUntil(() => Libc.TakeEnded(pid, out _) == pid, TimeSpan.FromSeconds(20)), "it does not end");
        return Libc.PidfdOpen(pid);
    }

    [Fact]
    public void Lives_that_end_early_are_followed_by_ever_longer_rests()
    {
        using Running running = Run("""
            if lives == 0: store()
            note(str(time.monotonic()))
            if lives == 6: time.sleep(100)
            sys.exit(1)
            """, options => options with { Backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(400)) });
        WaitForNotes(7);
        double[] starts = [.. File.ReadAllLines(Notes).Take(7).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        double[] least = [0.05, 0.1, 0.2, 0.4, 0.4, 0.4];
        for (int i = 0; i < least.Length; i++)
        {
            Assert.True(starts[i + 1] - starts[i] >= least[i], "no rest");
        }

        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void A_server_that_says_nothing_any_more_is_killed_and_replaced()
    {
        using Running running = Run("""
            note(given())
            if lives == 0: store()
            say("READY=1")
            for i in range(30):
                say("WATCHDOG=1")
                time.sleep(0.1)
            if lives >= 1: note("alive")
            time.sleep(100)
            """, options => options with { Watchdog = TimeSpan.FromSeconds(2) });
        // One that this machine holds up for as long is killed before it has been alive.
        Assert.True(SpinWait.SpinUntil(() => NoteCount() >= 4 && Array.IndexOf(File.ReadAllLines(Notes), "alive") is > 0 and int alive && alive < NoteCount() - 1, TimeSpan.FromSeconds(60)), "not killed, or never alive");
        string[] notes = File.ReadAllLines(Notes);
        Assert.InRange(Array.IndexOf(notes, "alive"), 2, 4); // mostly in its first life with descriptors
        Assert.Equal("nothing", notes[0]);
        Assert.All(notes[1..].Where(note => note != "alive"), note => Assert.Equal("device /mnt/x", note));
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void So_is_one_that_does_not_get_ready_in_time()
    {
        using Running running = Run("""
            if lives == 0: store(barrier=False)
            note(given())
            if lives == 1: say("READY=1")
            time.sleep(100)
            """, options => options with
        {
            ReadyWithin = TimeSpan.FromSeconds(1),
            Watch = pid =>
            {
                _ = SpinWait.SpinUntil(() => NoteCount() > 0, TimeSpan.FromSeconds(30)); // it has stored them before its time is looked at
                return Libc.PidfdOpen(pid);
            },
        });
        WaitForNotes(2);
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void Told_to_stop_it_ends_the_server_lets_readers_go_and_unmounts()
    {
        using Running running = Run("""
            store()
            say("READY=1")
            note("ready")
            time.sleep(100)
            """);
        WaitForNotes(1);
        Assert.True(SpinWait.SpinUntil(() => _made.Made.ContainsKey(Mount), TimeSpan.FromSeconds(20)));
        _made[Mount].Requests = 5;
        Assert.Equal(0, running.Stop());
        Assert.Equal(["ready", "term"], File.ReadAllLines(Notes));
        Assert.Equal([Mount], _unmounted);
        Assert.Equal((0, true), (_made[Mount].Requests, _made[Mount].IsDisposed));
        Assert.False(File.Exists(Path.Combine(_directory, "run", "keeper.sock")));
    }

    [Fact]
    public void A_server_that_does_not_stop_is_killed()
    {
        using Running running = Run("""
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            store()
            say("READY=1")
            note("ready")
            time.sleep(100)
            """, options => options with { EndsWithin = TimeSpan.FromSeconds(1) });
        WaitForNotes(1);
        Assert.Equal(0, running.Stop());
        Assert.Equal([Mount], _unmounted);
    }

    [Fact]
    public void A_goodbye_ends_both()
    {
        using Running running = Run("""
            store()
            say("READY=1")
            note("ready")
            time.sleep(100)
            """);
        WaitForNotes(1);
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        Assert.True(client.End("/mnt/other").IsDone); // nothing to do with us
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Done, ""), client.End(Mount));
        Assert.Equal(0, running.Wait());
        Assert.Equal(["ready", "term"], File.ReadAllLines(Notes));
        Assert.Equal([Mount], _unmounted);
    }

    [Fact]
    public void At_the_end_containers_are_rid_of_the_files_before_the_mount_goes()
    {
        FakeDetach detach = new();
        int started = 0;
        using Running running = Run("""
            store()
            say("READY=1")
            note("ready")
            time.sleep(100)
            """, options => options with
        {
            Rules = options.Rules with
            {
                Detach = _ =>
                {
                    started++;
                    return detach;
                },
            },
        });
        WaitForNotes(1);
        _signals.Post(Libc.SIGTERM);
        WaitForNotes(2);
        Thread.Sleep(200);
        Assert.Empty(_unmounted);
        detach.ExitCode = 0;
        Assert.Equal(0, running.Wait());
        Assert.Equal([Mount], _unmounted);
        Assert.Equal((1, true), (started, detach.IsDisposed));
    }

    [Fact]
    public void A_goodbye_that_fails_is_said()
    {
        using Running running = Run("""
            store()
            say("READY=1")
            note("ready")
            time.sleep(100)
            """, options => options with { Rules = options.Rules with { Unmount = _ => throw new FuseException("cannot unmount /mnt/x: busy") } });
        WaitForNotes(1);
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Refused, "cannot unmount /mnt/x: busy"), client.End(Mount));
        Assert.Equal(1, running.Wait());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(12)]
    public void Other_signals_are_the_servers(int number)
    {
        using Running running = Run($$"""
            signal.signal({{number}}, lambda *_: note("got it"))
            store()
            say("READY=1")
            note("ready")
            while True: time.sleep(1)
            """);
        WaitForNotes(1);
        _signals.Post(number);
        WaitForNotes(2);
        Assert.Equal(["ready", "got it"], File.ReadAllLines(Notes));
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void A_server_that_forgets_its_descriptors_gets_none()
    {
        using Running running = Run("""
            note(given())
            if lives == 0: store()
            say("READY=1")
            if lives == 1: say("FDSTOREREMOVE=1\nFDNAME=procfs-device"); say("FDSTOREREMOVE=1\nFDNAME=procfs-journal")
            if lives == 2: time.sleep(100)
            time.sleep(0.15)
            """);
        WaitForNotes(3);
        Assert.Equal(["nothing", "device /mnt/x", "nothing"], File.ReadAllLines(Notes)[..3]);
        Assert.Equal(0, running.Stop());
    }

    /// <summary>It comes another way, and may come first.</summary>
    [Fact]
    public void What_a_server_has_registered_meanwhile_it_does_not_forget()
    {
        using Running running = Run("""
            store()
            say("READY=1")
            note("ready")
            while len(open(sys.argv[1]).readlines()) < 2: time.sleep(0.01)
            say("FDSTOREREMOVE=1\nFDNAME=procfs-device"); say("FDSTOREREMOVE=1\nFDNAME=procfs-journal")
            wait()
            note("forgotten")
            time.sleep(100)
            """);
        WaitForNotes(1);
        Assert.True(SpinWait.SpinUntil(() => _made.Made.ContainsKey(Mount), TimeSpan.FromSeconds(20)));
        _made[Mount].HasEnded = true;
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        int device = Descriptors.File("device 2");
        int journal = Descriptors.File(Mount);
        Assert.True(client.Keep(Mount, device, journal).IsDone);
        File.AppendAllText(Notes, "go\n");
        WaitForNotes(3);
        Assert.True(client.Take(Mount, out int kept, out int keptJournal).IsDone);
        Assert.Equal(("device 2", Descriptors.Inode(journal)), (Descriptors.Text(kept), Descriptors.Inode(keptJournal)));
        Assert.Equal(0, running.Stop());
        Assert.All([device, journal, kept, keptJournal], descriptor => Assert.Equal(0, Libc.Close(descriptor)));
    }

    [Fact]
    public void Only_the_server_itself_is_heard()
    {
        using Running running = Run("""
            if os.fork() == 0:
                store_is_not_heard = file("device")
                say("FDSTORE=1\nFDNAME=procfs-device", store_is_not_heard)
                say("FDSTORE=1\nFDNAME=procfs-journal", file("/mnt/x"))
                say("READY=1")
                os._exit(0)
            os.wait()
            sys.exit(7)
            """);
        Assert.Equal(7, running.Wait());
        Assert.Empty(_made.Made);
    }

    [Fact]
    public void Two_hundred_lives_leave_nothing_behind()
    {
        // Quick ones, after the first: a shell looks at what it was given and ends.
        string quick = Path.Combine(_directory, "quick");
        File.WriteAllText(quick, $$"""
            #!/bin/sh
            if [ -e "$1" ]; then
                [ "$(cat <&4)" = "" ] && [ -e /proc/self/fd/3 ] && echo life >>"$1"
                exit 1
            fi
            exec {{Python}} -c '{{Prelude}}
            store(); store(); say("READY=1"); note("first")' "$1"
            """);
        int before = -1;
        using Running running = Run(null, options => options with
        {
            Program = "/bin/sh",
            Arguments = ["sh", quick, Notes],
            Backoff = new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)),
        });
        WaitForNotes(10);
        before = Descriptors.Count();
        WaitForNotes(210, within: 120);
        Descriptors.AssertCount(before + 2); // one spawn may be on its way
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void Whatever_a_server_says_leaves_nothing_behind()
    {
        using Running running = Run("""
            store()
            say("READY=1")
            note("ready")
            while len(open(sys.argv[1]).readlines()) < 2: time.sleep(0.01)
            for i in range(300):
                say("READY=1", file("x"))
                say("FDSTORE=1", file("x"))
                say("FDSTORE=1\nFDNAME=bad:name", file("x"))
                say("FDSTORE=1\nFDNAME=procfs-device", file("x"), file("y"))
                say("FDSTORE=1\nFDNAME=procfs-device", *[file("x")] * 50)
                say("FDSTORE=1\nFDNAME=procfs-device", file("x"))
                say("FDSTORE=1\nFDNAME=procfs-journal", file("rubbish"))
                say("FDSTORE=1\nFDNAME=procfs-journal")
                say("x" * 5000 + "\nFDSTORE=1\nFDNAME=procfs-device", file("x"))
                say("\0", file("x"))
                say("", file("x"))
                os.closerange(5, 200)
            note("done")
            time.sleep(100)
            """);
        WaitForNotes(1);
        Assert.True(SpinWait.SpinUntil(() => _made.Made.ContainsKey(Mount), TimeSpan.FromSeconds(20)));
        int before = Descriptors.Count();
        File.AppendAllText(Notes, "go\n");
        WaitForNotes(3, within: 60);
        Descriptors.AssertCount(before + 1);
        Assert.False(_made[Mount].IsDisposed);
        Assert.Equal(0, running.Stop());
    }

    [Fact]
    public void When_it_is_process_1_all_orphans_are_taken()
    {
        const int setChildSubreaper = 36;
        Assert.Equal(0, prctl(setChildSubreaper, 1, 0, 0, 0));
        try
        {
            using Running running = Run("""
                for i in range(20):
                    if os.fork() == 0:
                        if os.fork() == 0: time.sleep(0.05); os._exit(0)
                        os._exit(0)
                    os.wait()
                store()
                say("READY=1")
                note("ready")
                time.sleep(100)
                """, options => options with { ReapsAll = true });
            WaitForNotes(1);
            Assert.True(SpinWait.SpinUntil(() => Children() == 1, TimeSpan.FromSeconds(10)), $"{Children()} children");
            Assert.Equal(0, running.Stop());
            Assert.Equal(0, Children());
        }
        finally
        {
            Assert.Equal(0, prctl(setChildSubreaper, 0, 0, 0, 0));
        }
    }

    [Fact]
    public void A_server_left_behind_registers_is_ended_and_replaced()
    {
        const int other = 4711;
        int holder = other;
        List<(int, int)> signals = [];
        using Running running = Run("""
            note(given())
            say("READY=1")
            time.sleep(100)
            """, options => options with
        {
            Holder = (_, mount) => mount == Mount ? Volatile.Read(ref holder) : 0,
            Signal = (pid, signal) => { signals.Add((pid, signal)); Volatile.Write(ref holder, 0); },
        });
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        int device = Descriptors.File("device");
        int journal = Descriptors.File(Mount);
        Assert.True(SpinWait.SpinUntil(() => client.Keep(Mount, device, journal).IsDone, TimeSpan.FromSeconds(10)));
        WaitForNotes(1);
        Assert.Equal([(other, Libc.SIGTERM)], signals);
        Assert.Equal("device /mnt/x", File.ReadAllLines(Notes)[0]);
        Assert.Equal(0, running.Stop());
        Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
    }

    [Fact]
    public void A_server_left_behind_that_does_not_end_is_killed()
    {
        int holder = 4711;
        List<int> signals = [];
        using Running running = Run("note(given()); say('READY=1'); time.sleep(100)", options => options with
        {
            EndsWithin = TimeSpan.FromSeconds(1),
            Holder = (_, _) => Volatile.Read(ref holder),
            Signal = (_, signal) => { signals.Add(signal); Volatile.Write(ref holder, signal == Libc.SIGKILL ? 0 : holder); },
        });
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        int device = Descriptors.File("device");
        int journal = Descriptors.File(Mount);
        Assert.True(SpinWait.SpinUntil(() => client.Keep(Mount, device, journal).IsDone, TimeSpan.FromSeconds(10)));
        WaitForNotes(1);
        Assert.Equal([Libc.SIGTERM, Libc.SIGKILL], signals);
        Assert.Equal(0, running.Stop());
        Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
    }

    [Fact]
    public void A_server_that_does_not_register_is_named()
    {
        using Running running = Run("note('started')", options => options with { Holder = (_, _) => 4711, RegistersWithin = TimeSpan.FromMilliseconds(300) });
        Failure failure = Assert.IsType<Failure>(running.Fault());
        Assert.StartsWith("/mnt/x is served by process 4711 already, ", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Notes));
    }

    [Fact]
    public void Told_to_stop_while_another_one_serves_it_leaves_that_alone()
    {
        using Running running = Run("note('started')", options => options with { Holder = (_, _) => 4711 });
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        Assert.True(SpinWait.SpinUntil(() => client.List().IsDone, TimeSpan.FromSeconds(10)));
        Assert.Equal(0, running.Stop());
        Assert.Empty(_unmounted);
        Assert.False(File.Exists(Notes));
    }

    [Fact]
    public void Even_when_that_one_has_just_registered()
    {
        List<int> signals = [];
        using Running running = Run("note('started')", options => options with
        {
            Holder = (_, _) => 4711,
            Signal = (_, signal) => signals.Add(signal),
            Rules = options.Rules with
            {
                Open = (int device, int journal, out string? defect) =>
                {
                    _signals.Post(Libc.SIGTERM);
                    return _made.Open(device, journal, out defect);
                },
            },
        });
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        int device = Descriptors.File("device");
        int journal = Descriptors.File(Mount);
        Assert.True(SpinWait.SpinUntil(() => client.Keep(Mount, device, journal).IsDone, TimeSpan.FromSeconds(10)));
        Assert.Equal(0, running.Wait());
        Assert.Empty(signals);
        Assert.Empty(_unmounted);
        Assert.False(File.Exists(Notes));
        Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
    }

    [Fact]
    public void A_program_that_cannot_be_started_is_said()
    {
        using Running running = Run(null, options => options with { Program = "/nonexistent/procfs" });
        Assert.Equal("cannot start /nonexistent/procfs: No such file or directory", Assert.IsType<Failure>(running.Fault()).Message);
    }

    [Fact]
    public void It_is_a_keeper_for_others_too()
    {
        using Running running = Run("""
            store()
            say("READY=1")
            note("ready")
            time.sleep(100)
            """);
        WaitForNotes(1);
        using KeeperClient client = RunningKeeper.Client(Path.Combine(_directory, "run"));
        int device = Descriptors.File("device");
        int journal = Descriptors.File("/mnt/y");
        Assert.True(client.Keep("/mnt/y", device, journal).IsDone);
        Assert.True(SpinWait.SpinUntil(() => client.Take(Mount, out int d, out int j).IsDone && Libc.Close(d) == 0 && Libc.Close(j) == 0, TimeSpan.FromSeconds(20)));
        Assert.Equal(["waiting 0 /mnt/x", "waiting 0 /mnt/y"], client.List().Text.Trim('\n').Split('\n').Order(StringComparer.Ordinal));
        Assert.Equal(0, running.Stop());
        Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
        Assert.Equal([Mount], _unmounted); // the other one is its own server's
    }

    private void WaitForNotes(int count, int within = 30)
        => Assert.True(SpinWait.SpinUntil(() => NoteCount() >= count, TimeSpan.FromSeconds(within)), $"{NoteCount()} notes, not {count}");

    private int NoteCount()
    {
        try
        {
            return File.ReadAllText(Notes).Count(character => character == '\n');
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private static int Children()
        => Directory.GetDirectories("/proc").Count(directory => int.TryParse(Path.GetFileName(directory), out _) && ParentOf(directory) == Environment.ProcessId);

    private static int ParentOf(string directory)
    {
        try
        {
            string stat = File.ReadAllText(directory + "/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private Running Run(string? script, Func<SupervisorOptions, SupervisorOptions>? change = null)
    {
        SupervisorOptions options = new()
        {
            Program = Python,
            Arguments = ["python3", "-c", Prelude + script, Notes],
            Mount = Mount,
            RunDirectory = Path.Combine(_directory, "run"),
            Rules = new KeepingRules { ReleaseAfter = TimeSpan.FromSeconds(60), Open = _made.Open, Unmount = _unmounted.Add, Detach = FakeDetach.Done },
            Holder = (_, _) => 0,
            EndsWithin = TimeSpan.FromSeconds(20),
        };
        return new Running(change is null ? options : change(options), _signals);
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    /// <summary>A supervisor on a thread of its own.</summary>
    private sealed class Running : IDisposable
    {
        private readonly Supervisor _supervisor;
        private readonly SignalInbox _signals;
        private readonly Thread _thread;
        private int _exitCode = -1;
        private Exception? _fault;

        public Running(SupervisorOptions options, SignalInbox signals)
        {
            _signals = signals;
            _supervisor = new Supervisor(options, ServiceManager.None, signals, NullLogger.Instance);
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        public int Stop()
        {
            _signals.Post(Libc.SIGTERM);
            return Wait();
        }

        public int Wait()
        {
            Assert.True(_thread.Join(TimeSpan.FromSeconds(30)), "the supervisor does not end");
            Assert.Null(_fault);
            return _exitCode;
        }

        public Exception? Fault()
        {
            Assert.True(_thread.Join(TimeSpan.FromSeconds(30)), "the supervisor does not end");
            return _fault;
        }

        public void Dispose()
        {
            if (_thread.IsAlive)
            {
                _signals.Post(Libc.SIGTERM);
                _thread.Join(TimeSpan.FromSeconds(30));
            }

            _supervisor.Dispose();
        }

        private void Run()
        {
            try
            {
                _exitCode = _supervisor.Run();
            }
            catch (Exception exception)
            {
                _fault = exception;
            }
        }
    }
}
