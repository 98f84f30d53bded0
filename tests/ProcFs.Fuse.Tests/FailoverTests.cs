using System.Globalization;

namespace ProcFs.Fuse.Tests;

/// <summary>Servers are killed while others read. Needs root, /dev/fuse and python3.</summary>
[Collection(Alone.Name)]
public class FailoverTests(ITestOutputHelper output)
{
    private const int Kills = 40;
    private const int Readers = 6;

    /// <summary>Far more than the negative control needs, which is three or thirty.</summary>
    private const int MaxControlKills = 300;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData]
    [InlineData("no-resend")] // as on kernels before 6.9
    public void Readers_notice_no_kill(params string[] switches)
    {
        Random random = new(7);
        using KeptSession session = new();
        session.StartServer(switches).WaitUntilReady();
        ChildProcess[] readers = [.. Enumerable.Range(0, Readers).Select(_ => session.StartReader())];
        for (int i = 0; i < Kills; i++)
        {
            // Every third is killed at some time on its way; not two in a row, which would look like a request that kills.
            if (i % 3 != 1)
            {
                session.Server.WaitUntilReady();
                Thread.Sleep(random.Next(80));
            }
            else
            {
                Thread.Sleep(random.Next(200));
            }

            session.Server.Kill();
            session.StartServer(switches);
        }

        session.Server.WaitUntilReady();
        Thread.Sleep(200);
        session.StopReaders();
        double longest = 0;
        long rounds = 0;
        foreach (ChildProcess reader in readers)
        {
            ChildResult? result = KeptSession.Finish(reader, Patience);
            Assert.True(result is not null, "a reader hangs");
            Assert.StartsWith("ok ", result.Text + result.Error, StringComparison.Ordinal);
            string[] words = result.Text.Split(' ');
            rounds += long.Parse(words[1], CultureInfo.InvariantCulture);
            longest = Math.Max(longest, double.Parse(words[2], CultureInfo.InvariantCulture));
        }

        JournalCounters counters = session.Journal.Counters;
        output.WriteLine($"{Kills} kills, {rounds} rounds, {counters.SlotsAnswered} answered from slots, {counters.Resends} resends, longest stall {longest:F3} s");
        Assert.True(counters.SlotsAnswered > 0, "no kill has met a request: this run has shown nothing");
        Assert.Equal(0, counters.Poisoned);
        Assert.InRange(session.Journal.Epoch, (ulong)Kills / 2, (ulong)Kills + 1); // some did not live long enough to count
        Assert.True(rounds > Readers, "nobody has read much");
        Assert.Equal("", session.Server.Errors);
    }

    [Theory]
    [InlineData(1, "no-resend")] // by the slots alone, as on kernels before 6.9
    [InlineData(0, "no-recovery")] // by RESEND alone
    [InlineData(1)]
    public void Request_that_a_killed_server_had_in_hand_is_answered(int answered, params string[] switches)
    {
        using KeptSession session = new();
        ChildProcess reader = ReadOfKilledServer(session);
        (int Answered, bool IsResent) ready = session.StartServer(switches).WaitUntilReady();
        Assert.Equal(answered, ready.Answered);
        if (answered == 0 && !ready.IsResent)
        {
            Assert.Skip("this kernel knows no RESEND");
        }

        Assert.Equal(TinyFileSystem.Meminfo, KeptSession.Finish(reader)?.Output);
        Assert.Equal(answered, session.Journal.Counters.SlotsAnswered);
    }

    // The control: with neither of the two, the reader must be stuck, or the tests above show nothing.
    [Fact]
    public void Without_recovery_and_RESEND_the_reader_is_stuck_until_an_abort()
    {
        using KeptSession session = new();
        ChildProcess reader = ReadOfKilledServer(session);
        session.StartServer("no-recovery", "no-resend").WaitUntilReady();
        Assert.Equal(TinyFileSystem.Meminfo, KeptSession.Finish(session.Start("cat $M/slow"))?.Output); // others are served
        reader.Kill(); // not even this
        Assert.Null(KeptSession.Finish(reader, TimeSpan.FromSeconds(2)));
        Assert.True(SpinWait.SpinUntil(() => FuseControl.Waiting(session.Journal.Connection) == 1, Patience));
        session.Abort();
        Assert.Equal(137, KeptSession.Finish(reader)?.ExitCode);
    }

    // The control for locked slots: with pages that have to be faulted in, some kill must be seen as EIO.
    [Fact]
    public void With_slots_out_of_the_page_table_a_reader_sees_EIO()
    {
        Random random = new(8);
        using KeptSession session = new();
        session.StartServer("evict").WaitUntilReady();
        ChildProcess[] readers = [.. Enumerable.Range(0, Readers).Select(_ => session.StartReader())];
        int kills = 0;
        while (readers.All(r => !r.HasExited) && kills < MaxControlKills)
        {
            Thread.Sleep(random.Next(30));
            session.Server.Kill();
            kills++;
            session.StartServer("evict").WaitUntilReady();
        }

        output.WriteLine($"EIO after {kills} kills");
        Assert.True(readers.Any(r => r.HasExited), $"no reader has noticed {kills} kills: this control controls nothing");
        ChildResult? result = KeptSession.Finish(readers.First(r => r.HasExited));
        Assert.Equal(1, result?.ExitCode);
        Assert.Contains("Input/output error", result?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_that_kills_every_server_is_given_up()
    {
        using KeptSession session = new();
        FuseServerProcess first = session.StartServer();
        first.WaitUntilReady();
        ChildProcess reader = session.Start("cat $M/fatal");
        first.WaitUntilGone();
        for (int i = 0; i < (int)Connection.MaxRecoveries; i++) // that many more try it
        {
            session.StartServer().WaitUntilGone();
            Assert.False(reader.HasExited);
        }

        Assert.Equal(1, session.StartServer().WaitUntilReady().Answered);
        Assert.Contains("Input/output error", KeptSession.Finish(reader)?.Error, StringComparison.Ordinal);
        Assert.Equal(TinyFileSystem.Meminfo, KeptSession.Finish(session.Start("cat $M/meminfo"))?.Output);
        Assert.Equal(new JournalCounters(SlotsAnswered: 1, session.Journal.Counters.Resends, Poisoned: 1), session.Journal.Counters);
        Assert.Contains("READ request (opcode 15) of node 101 is given up", session.Server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void INIT_that_a_killed_server_has_read_is_answered_and_persisted()
    {
        using KeptSession session = new();
        ChildProcess reader = session.Start("cat $M/meminfo"); // waits: nobody has answered INIT
        session.TakeRequest();
        Assert.Equal([(26u, 0ul)], session.Owed);
        Assert.False(session.Journal.CreateSession().IsNegotiated);
        Assert.Equal(1, session.StartServer().WaitUntilReady().Answered);
        Assert.Equal(TinyFileSystem.Meminfo, KeptSession.Finish(reader)?.Output);
        Assert.True(session.Journal.CreateSession().IsNegotiated);
    }

    [Fact]
    public void Request_that_was_answered_before_the_kill_is_answered_again_to_nobody()
    {
        using KeptSession session = new();
        ChildProcess reader = session.Start("cat $M/meminfo");
        session.TakeRequest();
        byte[] request = session.CopyOf(0);
        session.StartServer().WaitUntilReady();
        Assert.Equal(TinyFileSystem.Meminfo, KeptSession.Finish(reader)?.Output);
        Assert.True(SpinWait.SpinUntil(() => FuseControl.Waiting(session.Journal.Connection) == 0, Patience)); // RELEASE comes late
        session.Server.Kill();
        session.Plant(3, request);
        Assert.Equal(0, session.StartServer("no-resend").WaitUntilReady().Answered); // the kernel says ENOENT
        Assert.Empty(session.Owed);
        Assert.Equal(1, session.Journal.Counters.SlotsAnswered);
        Assert.Equal(TinyFileSystem.Meminfo, KeptSession.Finish(session.Start("cat $M/meminfo"))?.Output);
    }

    /// <summary>A reader in the middle of a request, and no server.</summary>
    private static ChildProcess ReadOfKilledServer(KeptSession session)
    {
        FuseServerProcess server = session.StartServer();
        server.WaitUntilReady();
        ChildProcess reader = session.Start("exec cat $M/slow");
        Assert.True(SpinWait.SpinUntil(() => session.Owed.Contains((15u, 100ul)), Patience), "the server never got the READ");
        server.Kill();
        Assert.Contains((15u, 100ul), session.Owed);
        return reader;
    }
}
