using System.Diagnostics;
using System.Text;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests;

[CollectionDefinition(nameof(KeeperTests), DisableParallelization = true)]
public sealed class KeeperTestsAlone;

/// <summary>Client and keeper over a real socket, and whoever else may come to it. Alone, because descriptors are counted.</summary>
[Collection(nameof(KeeperTests))]
public sealed class KeeperTests : IDisposable
{
    private const int Repeated = 6;

    /// <summary>Less than the 5 s after which the keeper is rid of whoever holds it up.</summary>
    private static readonly TimeSpan NotHeldUp = TimeSpan.FromSeconds(3);

    private const string Python = "/usr/bin/python3";
    private const string Mount = "/mnt/x";

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-keeper-").FullName;

    private string RunDirectory => Path.Combine(_directory, "run");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_one_server_has_kept_the_next_one_takes()
    {
        using RunningKeeper keeper = new(RunDirectory);
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Nothing, ""), client.Take(Mount, out int device, out int journal));
        Assert.Equal((-1, -1), (device, journal));
        Assert.False(client.IsConnected);
        Keep(client, Mount);
        Assert.True(client.IsConnected);
        Assert.Equal("waiting 0 /mnt/x\n", client.List().Text);
        client.Dispose();
        Assert.False(client.IsConnected);

        using KeeperClient successor = RunningKeeper.Client(RunDirectory);
        Assert.True(successor.Take(Mount, out device, out journal).IsDone);
        Assert.Equal(("device", Mount), (Descriptors.Text(device), Descriptors.Text(journal)));
        Assert.False(Libc.ClaimInherited(device)); // close-on-exec
        Assert.True(successor.Keep(Mount, device, journal).IsDone); // the same once more
        Assert.True(successor.Keep(Mount, device, journal).IsDone);
        Assert.False(keeper.Made[Mount].IsDisposed);
        Assert.Equal(KeeperOutcome.Nothing, successor.Take("/mnt/y", out _, out _).Outcome);
        Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
    }

    [Fact]
    public void A_goodbye_is_final()
    {
        using RunningKeeper keeper = new(RunDirectory);
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        Keep(client, Mount);
        keeper.Made[Mount].Server = 4711;
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Refused, "/mnt/x is served by process 4711: stop that one first"), client.End(Mount));
        keeper.Made[Mount].Server = null;
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Done, ""), client.End(Mount));
        Assert.Equal([Mount], keeper.Unmounted);
        Assert.Equal(KeeperOutcome.Nothing, client.Take(Mount, out _, out _).Outcome);
        Assert.True(client.End(Mount).IsDone);
    }

    [Fact]
    public void What_a_keeper_does_not_want_it_says()
    {
        using RunningKeeper keeper = new(RunDirectory);
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        int file = Descriptors.File("rubbish");
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Refused, "the journal for /mnt/x cannot be used: not a journal"), client.Keep(Mount, file, file));
        Assert.False(client.IsConnected);
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Refused, "a mount is an absolute path of at most 1024 bytes"), client.Keep("mnt", file, file));
        Assert.Equal(KeeperOutcome.Refused, client.Take("/" + new string('x', 1024), out _, out _).Outcome);
        Assert.Equal(0, Libc.Close(file));
    }

    [Fact]
    public void A_server_sees_that_its_keeper_is_gone_and_registers_with_the_next()
    {
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        int device = Descriptors.File("device");
        int journal = Descriptors.File(Mount);
        Assert.Equal(KeeperOutcome.NoKeeper, client.Keep(Mount, device, journal).Outcome);
        using (RunningKeeper keeper = new(RunDirectory))
        {
            Assert.True(client.Keep(Mount, device, journal).IsDone);
            Assert.True(client.IsConnected);
        }

        Assert.False(client.IsConnected);
        Assert.Equal(KeeperOutcome.NoKeeper, client.Keep(Mount, device, journal).Outcome);
        Assert.Equal(KeeperOutcome.NoKeeper, client.Take(Mount, out _, out _).Outcome);
        Assert.Equal(KeeperOutcome.NoKeeper, client.End(Mount).Outcome);
        using (RunningKeeper keeper = new(RunDirectory))
        {
            Assert.True(client.Keep(Mount, device, journal).IsDone);
            Assert.True(client.IsConnected);
        }

        Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
    }

    [Fact]
    public void There_is_one_keeper_for_a_run_directory()
    {
        Assert.SkipUnless(File.Exists(Python), $"needs a second process: there is no {Python}");
        Directory.CreateDirectory(RunDirectory);
        using Process other = Process.Start(new ProcessStartInfo(Python, ["-c",
            "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('locked', flush=True); sys.stdin.read()",
            Path.Combine(RunDirectory, "keeper.lock")])
        { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("locked", other.StandardOutput.ReadLine());
            Failure failure = Assert.Throws<Failure>(() => new RunningKeeper(RunDirectory).Dispose());
            Assert.StartsWith($"process {other.Id} keeps for {RunDirectory} already: ", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        using RunningKeeper keeper = new(RunDirectory);
    }

    [Fact]
    public void A_socket_left_behind_is_replaced_and_ours_is_taken_away()
    {
        Directory.CreateDirectory(RunDirectory);
        string path = Path.Combine(RunDirectory, "keeper.sock");
        int left = Libc.LocalSocket(Libc.SOCK_SEQPACKET);
        Assert.Equal((0, 0), (Libc.Bind(left, Encoding.UTF8.GetBytes(path + "\0")), Libc.Close(left)));
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        Assert.Equal(KeeperOutcome.NoKeeper, client.List().Outcome); // nobody listens on it
        using (RunningKeeper keeper = new(RunDirectory))
        {
            Assert.True(client.List().IsDone);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_run_directory_may_have_a_long_path()
    {
        string longer = Path.Combine(_directory, new string('x', 200), new string('y', 200));
        using RunningKeeper keeper = new(longer);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(longer));
        using KeeperClient client = RunningKeeper.Client(longer);
        Keep(client, Mount);
        Assert.True(client.IsConnected);
    }

    [Fact]
    public void A_later_connection_for_a_mount_ends_the_earlier_one()
    {
        using RunningKeeper keeper = new(RunDirectory);
        keeper.Made.AreMounted = false; // else the first is not given up
        using KeeperClient first = RunningKeeper.Client(RunDirectory);
        using KeeperClient second = RunningKeeper.Client(RunDirectory);
        using KeeperClient other = RunningKeeper.Client(RunDirectory);
        Keep(first, Mount);
        Keep(other, "/mnt/y");
        Keep(second, Mount);
        Assert.Equal((false, true, true), (first.IsConnected, second.IsConnected, other.IsConnected));
    }

    public static TheoryData<string, int, string> Hostile => new()
    {
        { "5046534B 0200 0100 00000000 00000000", 0, "this keeper speaks version 1" },
        { "5046534B 0200 0100 00000000 00000000", 2, "this keeper speaks version 1" },
        { "5046534B 0100 0700 00000000 00000000", 1, "this keeper speaks version 1" },
        { "5046534B 0100 8000 00000000 00000000", 0, "a mount is an absolute path of at most 1024 bytes" },
        { "5046534B 0100 8000 02000000 00000000 2F6D", 0, "this keeper speaks version 1" },
        { "5046534B 0100 0100 06000000 00000000 2F6D6E742F78", 0, "2 descriptors come with this message, not 0" },
        { "5046534B 0100 0100 06000000 00000000 2F6D6E742F78", 1, "2 descriptors come with this message, not 1" },
        { "5046534B 0100 0200 06000000 00000000 2F6D6E742F78", 2, "0 descriptors come with this message, not 2" },
        { "5046534B 0100 0400 00000000 00000000", 1, "0 descriptors come with this message, not 1" },
        { "5046534B 0100 0200 00000000 00000000", 0, "a mount is an absolute path of at most 1024 bytes" },
        { "5046534B 0100 0100 07000000 00000000 2F6D6E742F78", 2, "" }, // hangs up
        { "5046534B 0100 0100", 2, "" },
        { "00", 2, "" },
        { "474554202F20485454502F312E300D0A0D0A", 0, "" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Nonsense_is_answered_or_hung_up_on_and_nothing_leaks(string hex, int descriptors, string answer)
    {
        using RunningKeeper keeper = new(RunDirectory);
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        Keep(client, Mount);
        int file = Descriptors.File("passed");
        int before = Descriptors.Count();
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        for (int i = 0; i < 20; i++)
        {
            int socket = keeper.Connect();
            Assert.Equal(bytes.Length, Libc.SendMessage(socket, [], bytes, Enumerable.Repeat(file, descriptors).ToArray(), 0));
            Assert.Equal(answer, Answer(socket));
            Assert.Equal(0, Libc.Close(socket));
        }

        Descriptors.AssertCount(before);
        Assert.True(client.IsConnected);
        Assert.True(client.Take(Mount, out int device, out int journal).IsDone);
        Assert.Equal((0, 0, 0), (Libc.Close(device), Libc.Close(journal), Libc.Close(file)));
    }

    /// <summary>What our own calls cannot send: many descriptors at once, empty and oversized messages with descriptors.</summary>
    [Theory]
    [InlineData("bytes.fromhex('5046534B010001000600000000000000') + b'/mnt/x'", 3)]
    [InlineData("bytes.fromhex('5046534B010001000600000000000000') + b'/mnt/x'", 10)]
    [InlineData("bytes.fromhex('5046534B010001000600000000000000') + b'/mnt/x'", 11)]
    [InlineData("bytes.fromhex('5046534B010001000600000000000000') + b'/mnt/x'", 253)]
    [InlineData("b''", 2)]
    [InlineData("b''", 253)]
    [InlineData("bytes.fromhex('5046534B0100010010A0000000000000') + b'/' * 40976", 2)]
    public void Descriptors_that_come_in_another_way_than_they_should_are_closed(string bytes, int descriptors)
    {
        Assert.SkipUnless(File.Exists(Python), $"needs another client: there is no {Python}");
        using RunningKeeper keeper = new(RunDirectory);
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        Keep(client, Mount);
        FakeKept kept = keeper.Made[Mount];
        Assert.Equal(0, RunPython("pass")); // the first child takes some for good
        int before = Descriptors.Count();
        Assert.Equal(0, RunPython($"""
            import array, os, socket, sys
            for i in range(5):
                s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                s.settimeout(10)
                s.connect(sys.argv[1])
                f = os.open("/etc/passwd", os.O_RDONLY)
                s.sendmsg([{bytes}], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [f] * {descriptors}))])
                s.recv(100)
                s.close()
            """));
        Descriptors.AssertCount(before);
        Assert.Same(kept, keeper.Made[Mount]);
        Assert.True(client.IsConnected);
    }

    [Fact]
    public void Many_exchanges_leave_nothing_behind()
    {
        using RunningKeeper keeper = new(RunDirectory);
        keeper.Made.AreMounted = false; // else the first is not given up
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        Keep(client, Mount);
        int before = Descriptors.Count();
        for (int i = 0; i < 200; i++)
        {
            Assert.True(client.Take(Mount, out int device, out int journal).IsDone);
            Assert.True(client.Keep(Mount, device, journal).IsDone);
            Assert.True(client.List().IsDone);
            Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
            Keep(client, Mount); // another journal
            Assert.Equal(KeeperOutcome.Nothing, client.Take("/mnt/y", out _, out _).Outcome);
        }

        Descriptors.AssertCount(before);
    }

    [Fact]
    public void However_many_come_and_say_nothing_a_server_gets_through()
    {
        using RunningKeeper keeper = new(RunDirectory);
        using KeeperClient client = new(RunDirectory) { AnswersWithin = NotHeldUp };
        Keep(client, Mount);
        int before = Descriptors.Count();
        List<int> silent = [];
        for (int i = 0; i < 3 * KeeperEndpoint.MostUnregistered; i++)
        {
            silent.Add(keeper.Connect());
        }

        Assert.True(client.IsConnected);
        Assert.True(client.List().IsDone);
        using KeeperClient other = new(RunDirectory) { AnswersWithin = NotHeldUp };
        Keep(other, "/mnt/y");
        Assert.InRange(Descriptors.Count() - before - silent.Count, 0, KeeperEndpoint.MostUnregistered + 5);
        silent.ForEach(socket => Assert.Equal(0, Libc.Close(socket)));
        Descriptors.AssertCount(before + 4); // the other's connection, both ends, and what it has kept
    }

    [Fact]
    public void Whoever_says_nothing_for_long_is_hung_up_on()
    {
        using RunningKeeper keeper = new(RunDirectory);
        int socket = keeper.Connect();
        Stopwatch time = Stopwatch.StartNew();
        string answer = "";
        while (answer == "" && time.Elapsed < TimeSpan.FromSeconds(20))
        {
            byte[] buffer = new byte[10];
            nint length = Libc.ReceiveMessage(socket, buffer, 0, out _);
            answer = length == 0 ? "end" : Libc.ErrorOf(length) == Errno.EAGAIN ? "" : "something";
        }

        Assert.Equal("end", answer);
        Assert.InRange(time.Elapsed.TotalSeconds, 4, 15);
        Assert.Equal(0, Libc.Close(socket));
    }

    [Fact]
    public void Whoever_asks_and_never_reads_does_not_hold_anybody_up()
    {
        using RunningKeeper keeper = new(RunDirectory);
        using KeeperClient client = new(RunDirectory) { AnswersWithin = NotHeldUp };
        Keep(client, Mount);
        int before = Descriptors.Count();
        int socket = keeper.Connect();
        byte[] take = new byte[KeeperMessage.MaxSize];
        int length = new KeeperMessage(KeeperMessageKind.Take, Mount).Encode(take);
        int sent = 0;
        while (sent < 100_000 && Libc.SendMessage(socket, [], take.AsSpan(0, length), [], Libc.MSG_DONTWAIT) > 0)
        {
            sent++;
            Assert.True(sent % 100 != 0 || client.List().IsDone);
        }

        Assert.True(SpinWait.SpinUntil(() => Libc.ErrorOf(Libc.SendMessage(socket, [], take.AsSpan(0, length), [], Libc.MSG_DONTWAIT)) is Errno.EPIPE or (Errno)104, TimeSpan.FromSeconds(10)), "it is not hung up on");
        Assert.True(client.List().IsDone);
        Assert.Equal(0, Libc.Close(socket));
        Descriptors.AssertCount(before);
    }

    [Fact]
    public void Only_root_may_talk_to_it()
    {
        Assert.SkipUnless(File.Exists(Python), $"needs another client: there is no {Python}");
        Assert.SkipUnless(Libc.EffectiveUserId() == 0, "needs root, to be somebody else");
        using RunningKeeper keeper = new(RunDirectory);
        // Past the modes, which would turn it away already.
        File.SetUnixFileMode(_directory, (UnixFileMode)0x1ed);
        File.SetUnixFileMode(RunDirectory, (UnixFileMode)0x1ed);
        File.SetUnixFileMode(Path.Combine(RunDirectory, "keeper.sock"), (UnixFileMode)0x1b6);
        const string list = """
            import os, socket, sys
            os.setresuid(int(sys.argv[2]), int(sys.argv[2]), int(sys.argv[2]))
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.settimeout(10)
            s.connect(sys.argv[1])
            try:
                s.send(bytes.fromhex('5046534B010004000000000000000000'))
                sys.exit(3 if s.recv(100) else 4)
            except (BrokenPipeError, ConnectionResetError):
                sys.exit(4)
            """;
        Assert.Equal((3, 4), (RunPython(list, "0"), RunPython(list, "65534")));
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        Assert.True(client.List().IsDone);
    }

    /// <summary>A keeper that is stopped, or wedged: it listens, and that is all.</summary>
    [Fact]
    public void A_keeper_that_never_answers_costs_a_client_a_second_at_most()
    {
        Directory.CreateDirectory(RunDirectory);
        int listener = Libc.LocalSocket(Libc.SOCK_SEQPACKET);
        Assert.Equal((0, 0), (Libc.Bind(listener, Encoding.UTF8.GetBytes(Path.Combine(RunDirectory, "keeper.sock") + "\0")), Libc.Listen(listener, 1)));
        int file = Descriptors.File("x");
        using KeeperClient client = new(RunDirectory) { AnswersWithin = TimeSpan.FromMilliseconds(100), EndsWithin = TimeSpan.FromMilliseconds(200) };
        int before = Descriptors.Count();
        Stopwatch time = Stopwatch.StartNew();
        for (int i = 0; i < Repeated; i++)
        {
            Assert.Equal(KeeperOutcome.NoAnswer, client.Take(Mount, out _, out _).Outcome);
            Assert.Equal(KeeperOutcome.NoAnswer, client.Keep(Mount, file, file).Outcome);
            Assert.False(client.IsConnected);
            Assert.Equal(KeeperOutcome.NoAnswer, client.End(Mount).Outcome); // by now even the queue of those who want to connect is full
        }

        Assert.InRange(time.ElapsedMilliseconds, Repeated * 300, Repeated * 5_000);
        Descriptors.AssertCount(before + Repeated - 1); // one lost each time would be too many; the runtime opens one now and then
        Assert.Equal((0, 0), (Libc.Close(listener), Libc.Close(file)));
    }

    [Theory]
    [InlineData("", 0)] // hangs up
    [InlineData("00", 0)]
    [InlineData("5046534B 0200 8000 00000000 00000000", 0)]
    [InlineData("5046534B 0100 8000 00000000 00000000", 0)] // OK is no answer to TAKE
    [InlineData("5046534B 0100 8200 00000000 00000000", 0)] // GIVEN, but nothing is
    [InlineData("5046534B 0100 8200 00000000 00000000", 1)]
    [InlineData("5046534B 0100 0200 06000000 00000000 2F6D6E742F78", 2)]
    public void An_answer_that_makes_no_sense_is_none(string hex, int descriptors)
    {
        Directory.CreateDirectory(RunDirectory);
        int listener = Libc.LocalSocket(Libc.SOCK_SEQPACKET);
        Assert.Equal((0, 0), (Libc.Bind(listener, Encoding.UTF8.GetBytes(Path.Combine(RunDirectory, "keeper.sock") + "\0")), Libc.Listen(listener, 1)));
        int file = Descriptors.File("x");
        int before = Descriptors.Count();
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Thread keeper = new(() =>
        {
            for (int i = 0; i < Repeated; i++)
            {
                int socket = Libc.Accept(listener, 0);
                _ = Libc.ReceiveMessage(socket, new byte[100], 0, out _);
                _ = bytes.Length > 0 ? Libc.SendMessage(socket, [], bytes, Enumerable.Repeat(file, descriptors).ToArray(), 0) : 0;
                _ = Libc.Close(socket);
            }
        });
        keeper.Start();
        using KeeperClient client = RunningKeeper.Client(RunDirectory);
        for (int i = 0; i < Repeated; i++)
        {
            KeeperAnswer answer = client.Take(Mount, out int device, out int journal);
            Assert.Equal((KeeperOutcome.NoAnswer, -1, -1), (answer.Outcome, device, journal));
        }

        keeper.Join();
        Descriptors.AssertCount(before + Repeated - 1);
        Assert.Equal((0, 0), (Libc.Close(listener), Libc.Close(file)));
    }

    [Fact]
    public void Signals_are_taken_in_order_and_wake_the_loop()
    {
        using SignalInbox signals = new();
        PollLoop loop = new();
        int woken = 0;
        PollLoop.Source source = loop.Add(signals.Descriptor, Libc.POLLIN, _ => woken++);
        loop.Wait(TimeSpan.Zero);
        Assert.Equal(0, woken);
        signals.Post(1);
        signals.Post(15);
        loop.Wait(TimeSpan.FromSeconds(5));
        Assert.Equal(1, woken);
        Assert.True(signals.TryTake(out int first) && signals.TryTake(out int second) && first == 1 && second == 15);
        Assert.False(signals.TryTake(out _));
        loop.Wait(TimeSpan.Zero);
        Assert.Equal(1, woken);
        source.Remove();
        signals.Post(1);
        loop.Wait(TimeSpan.Zero);
        Assert.Equal(1, woken);
    }

    private static void Keep(KeeperClient client, string mount)
    {
        int device = Descriptors.File("device");
        int journal = Descriptors.File(mount);
        Assert.Equal(new KeeperAnswer(KeeperOutcome.Done, ""), client.Keep(mount, device, journal));
        Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
    }

    /// <summary>The sentence of an ERROR; empty when it hangs up.</summary>
    private static string Answer(int socket)
    {
        byte[] buffer = new byte[KeeperMessage.MaxSize];
        nint length = Libc.ReceiveMessage(socket, buffer, 0, out Libc.ReceivedParts received);
        Assert.Equal(0, received.Count);
        if (length <= 0)
        {
            Assert.True(length == 0 || Libc.ErrorOf(length) == (Errno)104, Libc.Describe(Libc.ErrorOf(length))); // ECONNRESET
            return "";
        }

        Assert.Equal(KeeperMessageDefect.None, KeeperMessage.Decode(buffer.AsSpan(0, (int)length), out KeeperMessage message));
        Assert.Equal(KeeperMessageKind.Error, message.Kind);
        return message.Text;
    }

    private int RunPython(string script, params string[] arguments)
    {
        using Process process = Process.Start(Python, ["-c", script, Path.Combine(RunDirectory, "keeper.sock"), .. arguments]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)), "the other client does not end");
        return process.ExitCode;
    }
}
