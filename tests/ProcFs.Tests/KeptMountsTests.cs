using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests;

/// <summary>When readers are let go, when a server is killed, and what is kept how long; with a clock of our own.</summary>
public sealed class KeptMountsTests : IDisposable
{
    private const string Mount = "/mnt/x";

    private const int PassedDevice = Descriptors.Far + 70;

    private const int PassedJournal = Descriptors.Far + 71;

    private readonly TestClock _clock = new();
    private readonly FakeKept.Factory _made = new();
    private readonly PollLoop _loop = new();
    private readonly List<int> _killed = [];
    private readonly List<string> _unmounted = [];
    private readonly KeptMounts _mounts;
    private FakeDetach? _detach = FakeDetach.Done();
    private int _detaches;

    public KeptMountsTests() => _mounts = Create(30);

    private FakeKept Kept => _made[Mount];

    public void Dispose() => _mounts.Dispose();

    [Fact]
    public void Readers_are_let_go_when_nobody_has_served_for_the_time_set_and_not_before()
    {
        Keep();
        Kept.Server = null;
        Kept.Requests = 3;
        Look(seconds: 1); // seen for the first time
        Look(seconds: 29);
        Assert.Equal((0, "waiting 0 /mnt/x\n"), (Kept.Releases, _mounts.List()));
        Look(seconds: 1);
        Assert.Equal((1, 0, "released 0 /mnt/x\n"), (Kept.Releases, Kept.Requests, _mounts.List()));
        Look(seconds: 100);
        Assert.Equal(1, Kept.Releases); // once; from then on the device says when there is more
        Assert.True(_mounts.Has(Mount));
    }

    [Fact]
    public void Nobody_is_let_go_while_somebody_serves()
    {
        Keep();
        for (int i = 0; i < 100; i++)
        {
            Beat();
            Look(seconds: 1);
        }

        Assert.Equal((0, "served 42 /mnt/x\n"), (Kept.Releases, _mounts.List()));
        Assert.Empty(_killed);
    }

    [Fact]
    public void A_server_that_comes_back_in_time_starts_the_time_anew()
    {
        Keep();
        for (int i = 0; i < 5; i++)
        {
            Kept.Server = null;
            Look(seconds: 1);
            Look(seconds: 29);
            Kept.Server = 43 + i;
            Beat();
            Look(seconds: 1);
        }

        Assert.Equal(0, Kept.Releases);
    }

    [Fact]
    public void Served_again_after_the_release_all_is_as_before()
    {
        Keep();
        Kept.Server = null;
        Look(seconds: 1);
        Look(seconds: 30);
        Assert.Equal(1, Kept.Releases);
        Kept.Server = 43;
        Beat();
        Look(seconds: 1);
        Assert.Equal("served 43 /mnt/x\n", _mounts.List());
        Kept.Server = null;
        Look(seconds: 1);
        Look(seconds: 29);
        Assert.Equal(1, Kept.Releases);
        Look(seconds: 1);
        Assert.Equal(2, Kept.Releases);
    }

    [Fact]
    public void Readers_are_let_go_only_when_the_files_were_taken_out_of_containers()
    {
        _detach = new FakeDetach();
        AssertNotYetLetGo();
        _detach.ExitCode = 0;
        Look(seconds: 1);
        Assert.Equal((1, 0, 1, true), (Kept.Releases, Kept.Requests, _detaches, _detach.IsDisposed));
        Look(seconds: 100);
        Assert.Equal(1, _detaches);
    }

    [Fact]
    public void That_is_not_looked_for_when_the_kernel_tells()
    {
        // The other end of the pipe: closed, as the descriptor of a child that has ended.
        Assert.Equal(0, Libc.Pipe(out int read, out int write));
        _detach = new FakeDetach(read);
        AssertNotYetLetGo();
        Spend(TimeSpan.FromMilliseconds(50));
        Assert.Equal(0, Kept.Releases);
        _detach.ExitCode = 0;
        Assert.Equal(1, Libc.Write(write, "x"u8));
        WaitForReleases(1);
        Spend(TimeSpan.FromMilliseconds(50)); // readable for ever, and nobody's any more
        Assert.Equal((1, true), (Kept.Releases, _detach.IsDisposed));
        Assert.Equal((0, 0), (Libc.Close(read), Libc.Close(write)));
    }

    [Fact]
    public void One_that_takes_too_long_is_ended_and_readers_are_let_go()
    {
        _detach = new FakeDetach();
        AssertNotYetLetGo();
        Look(seconds: 3);
        Assert.Equal((0, false), (Kept.Releases, _detach.IsDisposed));
        Look(seconds: 2);
        Assert.Equal((1, true), (Kept.Releases, _detach.IsDisposed));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_fails_or_cannot_be_started_keeps_nobody_waiting(bool isStarted)
    {
        _detach = isStarted ? new FakeDetach { ExitCode = 1 } : null;
        Keep();
        Kept.Server = null;
        Look(seconds: 1);
        Look(seconds: 30);
        Assert.Equal((1, 1), (Kept.Releases, _detaches));
    }

    /// <summary>It would take out what the server brings in.</summary>
    [Fact]
    public void A_server_that_comes_back_meanwhile_ends_it()
    {
        FakeDetach first = _detach = new FakeDetach();
        AssertNotYetLetGo();
        Kept.Server = 43;
        Beat();
        Look(seconds: 1);
        Assert.Equal((0, true), (Kept.Releases, first.IsDisposed));
        _detach = FakeDetach.Done();
        Kept.Server = null;
        Look(seconds: 1);
        Look(seconds: 30);
        Assert.Equal((1, 2), (Kept.Releases, _detaches));
    }

    private void AssertNotYetLetGo()
    {
        Keep();
        Kept.Server = null;
        Kept.Requests = 3;
        Look(seconds: 1);
        Look(seconds: 29);
        Assert.Equal(0, _detaches);
        Look(seconds: 1);
        Look(seconds: 1);
        Assert.Equal((0, 3, 1, "waiting 0 /mnt/x\n"), (Kept.Releases, Kept.Requests, _detaches, _mounts.List()));
    }

    /// <summary>The device of the fake is a file, which is always readable.</summary>
    [Fact]
    public void Once_let_go_what_comes_is_answered_at_once_until_somebody_serves()
    {
        Keep();
        Kept.Server = null;
        Look(seconds: 1);
        Look(seconds: 30);
        Kept.Requests = 2;
        WaitForReleases(2);
        Assert.Equal(0, Kept.Requests);
        WaitForReleases(3); // readable, and nothing there: not asked again before the next look
        Spend(TimeSpan.FromMilliseconds(50));
        Assert.Equal(3, Kept.Releases);
        Look(seconds: 1);
        WaitForReleases(4);
        Look(seconds: 1);
        Kept.Server = 43;
        Beat();
        Look(seconds: 1);
        Spend(TimeSpan.FromMilliseconds(50));
        Assert.Equal(4, Kept.Releases);
    }

    /// <summary>Each release holds the journal's lock, which a server that starts asks for every 5 ms.</summary>
    [Fact]
    public void Readers_that_ask_again_and_again_leave_a_server_the_time_to_take_over()
    {
        Keep();
        Kept.Server = null;
        Kept.MostAtOnce = 10;
        Kept.Requests = int.MaxValue;
        Look(seconds: 1);
        Look(seconds: 30);
        Assert.Equal(1, Kept.Releases);
        WaitForReleases(11);
        long[] at = [.. Kept.ReleasedAt];
        Assert.All(at.Zip(at.Skip(1)), two => Assert.True(Stopwatch.GetElapsedTime(two.First, two.Second) >= TimeSpan.FromMilliseconds(10), "no pause"));
    }

    [Fact]
    public void Set_to_zero_readers_are_let_go_at_once()
    {
        using KeptMounts mounts = Create(0);
        Assert.Null(mounts.Keep("/mnt/y", Descriptors.File("device"), Descriptors.File("/mnt/y")));
        mounts.Look();
        Assert.Equal(1, _made["/mnt/y"].Releases);
    }

    [Fact]
    public void A_server_without_a_heartbeat_is_killed_after_30_seconds()
    {
        Keep();
        Beat();
        Look(seconds: 1);
        Run(seconds: 29);
        Assert.Empty(_killed);
        Run(seconds: 2);
        Assert.Equal([42], _killed);
        Run(seconds: 20);
        Assert.Equal([42], _killed); // once is enough for a while
        Run(seconds: 12);
        Assert.Equal([42, 42], _killed);
    }

    [Fact]
    public void A_longer_release_time_is_a_longer_patience_with_the_server()
    {
        using KeptMounts mounts = Create(100);
        Assert.Null(mounts.Keep("/mnt/y", Descriptors.File("device"), Descriptors.File("/mnt/y")));
        _made["/mnt/y"].Server = 7;
        for (int i = 0; i < 100; i++)
        {
            _clock.NowNs += TestClock.Second;
            mounts.Look();
        }

        Assert.Empty(_killed);
        for (int i = 0; i < 2; i++)
        {
            _clock.NowNs += TestClock.Second;
            mounts.Look();
        }

        Assert.Equal([7], _killed);
    }

    [Fact]
    public void A_new_server_is_not_blamed_for_its_predecessors_heartbeat()
    {
        Keep();
        Beat();
        Look(seconds: 1);
        Run(seconds: 25);
        Kept.Server = 43;
        Run(seconds: 29);
        Assert.Empty(_killed);
        Run(seconds: 3);
        Assert.Equal([43], _killed);
    }

    [Fact]
    public void A_heartbeat_from_the_future_is_none()
    {
        Keep();
        Kept.HeartbeatNs = long.MaxValue;
        Run(seconds: 33);
        Assert.Equal([42], _killed);
    }

    [Fact]
    public void A_server_that_cannot_be_seen_is_not_killed()
    {
        Keep();
        Kept.Server = 0;
        Run(seconds: 100);
        Assert.Empty(_killed);
    }

    [Fact]
    public void For_a_time_in_which_we_slept_nobody_is_blamed()
    {
        Keep();
        Beat();
        Look(seconds: 1);
        Look(seconds: 1000);
        Assert.Empty(_killed);
        Kept.Server = null;
        Look(seconds: 1);
        Look(seconds: 1000);
        Assert.Equal(0, Kept.Releases);
        Run(seconds: 30);
        Assert.Equal(1, Kept.Releases);
    }

    [Fact]
    public void A_dead_connection_is_kept_no_longer()
    {
        Keep();
        FakeKept kept = Kept;
        kept.HasEnded = true;
        Look(seconds: 1);
        Assert.True(kept.IsDisposed);
        Assert.Equal((0, ""), (_mounts.Count, _mounts.List()));
        Assert.False(_mounts.TryGet(Mount, out int device, out int journal));
        Assert.Equal((-1, -1), (device, journal));
    }

    [Fact]
    public void A_connection_found_dead_when_it_is_asked_for_is_not_given()
    {
        Keep();
        FakeKept kept = Kept;
        kept.HasEnded = true;
        Assert.False(_mounts.TryGet(Mount, out _, out _));
        Assert.True(kept.IsDisposed);
    }

    [Fact]
    public void The_same_journal_again_changes_nothing()
    {
        Keep();
        FakeKept kept = Kept;
        Assert.True(_mounts.TryGet(Mount, out int device, out int journal));
        Descriptors.PassAs(device, PassedDevice);
        Descriptors.PassAs(journal, PassedJournal);
        Assert.Null(_mounts.Keep(Mount, PassedDevice, PassedJournal));
        Assert.Same(kept, Kept);
        AssertPassedAreClosed();
        Assert.Equal(Mount, Descriptors.Text(journal));
    }

    [Theory]
    [InlineData(false, false)] // never mounted
    [InlineData(true, true)]   // dead
    public void Another_connection_for_the_same_mount_replaces_one_that_nobody_has_files_of(bool wasMounted, bool hasEnded)
    {
        Keep();
        FakeKept first = Kept;
        first.WasMounted = wasMounted;
        first.HasEnded = hasEnded;
        Keep();
        Assert.True(first.IsDisposed);
        Assert.False(Kept.IsDisposed);
        Assert.Equal(1, _mounts.Count);
        Assert.True(_mounts.TryGet(Mount, out _, out int journal));
        Assert.Equal(Kept.Journal, journal);
    }

    [Theory]
    [InlineData(42)]
    [InlineData(null)] // it is alive all the same: these may be the last copies
    public void But_not_one_that_lives(int? server)
    {
        Assert.SkipWhen(server is null && !CanCompare(), "kcmp(2) is not to be had here");
        Keep();
        FakeKept first = Kept;
        first.Server = server;
        Pass("device", Mount);
        Assert.Equal("another connection of /mnt/x is kept here and alive, and containers may use its files: it is not given up for this one", _mounts.Keep(Mount, PassedDevice, PassedJournal));
        AssertPassedAreClosed();
        Assert.False(first.IsDisposed);
        Assert.True(_mounts.TryGet(Mount, out int device, out int journal));
        Assert.Equal((first.Device, first.Journal), (device, journal));
    }

    [Fact]
    public void Another_journal_for_the_same_connection_replaces_the_first()
    {
        Assert.SkipUnless(CanCompare(), "kcmp(2) is not to be had here");
        Keep();
        FakeKept first = Kept;
        const int other = Descriptors.Far + 52;
        Descriptors.PassAs(first.Device, other);
        int journal = Descriptors.File(Mount);
        Assert.Null(_mounts.Keep(Mount, other, journal));
        Assert.True(first.IsDisposed);
        Assert.True(_mounts.TryGet(Mount, out int device, out int kept));
        Assert.Equal((other, journal), (device, kept));
    }

    [Fact]
    public void Only_the_journal_that_is_meant_is_forsaken()
    {
        Keep();
        FakeKept kept = Kept;
        Assert.Equal((kept.Inode, 0ul), (_mounts.JournalOf(Mount), _mounts.JournalOf("/mnt/y")));
        _mounts.Forsake(Mount, kept.Inode + 1);
        _mounts.Forsake("/mnt/y", kept.Inode);
        Assert.False(kept.IsDisposed);
        _mounts.Forsake(Mount, kept.Inode);
        Assert.True(kept.IsDisposed);
        Assert.False(_mounts.Has(Mount));
    }

    [Fact]
    public void What_cannot_be_used_is_closed_and_said()
    {
        Pass("device", "rubbish");
        Assert.Equal("the journal for /mnt/x cannot be used: not a journal", _mounts.Keep(Mount, PassedDevice, PassedJournal));
        AssertPassedAreClosed();

        Pass("device", "/mnt/y");
        Assert.Equal("the journal is that of \"/mnt/y\", not of /mnt/x", _mounts.Keep(Mount, PassedDevice, PassedJournal));
        AssertPassedAreClosed();
        Assert.Equal(0, _mounts.Count);
    }

    [Fact]
    public void There_is_a_most()
    {
        for (int i = 0; i < KeptMounts.Most; i++)
        {
            Assert.Null(_mounts.Keep(null, Descriptors.File("device"), Descriptors.File($"/mnt/{i}")));
        }

        Assert.Equal("64 mounts are kept here already", _mounts.Keep(null, Descriptors.File("device"), Descriptors.File("/mnt/more")));
        _made["/mnt/7"].HasEnded = true;
        Assert.Null(_mounts.Keep("/mnt/7", Descriptors.File("device"), Descriptors.File("/mnt/7"))); // replaces
        Assert.Equal(KeptMounts.Most, _mounts.Count);
    }

    [Fact]
    public void A_goodbye_unmounts_lets_go_and_keeps_nothing()
    {
        Keep();
        FakeKept kept = Kept;
        kept.Requests = 1;
        Assert.Equal("/mnt/x is served by process 42: stop that one first", _mounts.End(Mount));
        Assert.Equal((0, 1), (kept.Releases, _mounts.Count));
        Assert.Empty(_unmounted);
        kept.Server = null;
        Assert.Null(_mounts.End(Mount));
        Assert.Equal((0, true, 0), (kept.Requests, kept.IsDisposed, _mounts.Count));
        Assert.Equal([Mount], _unmounted);
        Assert.Null(_mounts.End(Mount)); // nothing there: nothing to do
        Assert.Single(_unmounted);
    }

    [Fact]
    public void At_a_goodbye_all_are_let_go_however_many_wait()
    {
        Keep();
        FakeKept kept = Kept;
        kept.Server = null;
        kept.Requests = 1000;
        kept.MostAtOnce = 256;
        Assert.Null(_mounts.End(Mount));
        Assert.Equal((0, true), (kept.Requests, kept.IsDisposed));
    }

    [Fact]
    public void Readers_that_ask_for_ever_do_not_hold_a_goodbye_up()
    {
        Keep();
        FakeKept kept = Kept;
        kept.Server = null;
        kept.Requests = int.MaxValue;
        kept.MostAtOnce = 1;
        Assert.Null(_mounts.End(Mount));
        Assert.True(kept.IsDisposed);
    }

    [Fact]
    public void A_goodbye_that_cannot_unmount_keeps_everything()
    {
        using KeptMounts mounts = new(Rules(30) with { Unmount = _ => throw new FuseException("cannot unmount /mnt/z: busy") }, _loop, ServiceManager.None, NullLogger.Instance);
        Assert.Null(mounts.Keep(null, Descriptors.File("device"), Descriptors.File("/mnt/z")));
        Assert.Equal("cannot unmount /mnt/z: busy", mounts.End("/mnt/z"));
        Assert.True(mounts.Has("/mnt/z"));
    }

    [Fact]
    public void What_is_kept_is_stored_with_our_own_manager_and_restored_from_there()
    {
        using NotifyListener listener = NotifyListener.Open();
        using ServiceManager manager = ServiceManager.From(listener.Address, null, null, 1, storesUnmounted: true);
        using KeptMounts first = new(Rules(30), _loop, manager, NullLogger.Instance);
        Assert.Null(first.Keep(null, Descriptors.File("device"), Descriptors.File(Mount)));
        ulong inode = Kept.Inode;
        const int firstStored = Descriptors.Far + 100;
        int stored = firstStored;
        List<string> names = [];
        while (listener.TryReceive(Environment.ProcessId, out NotifyMessage message, out int descriptor))
        {
            Assert.Equal(NotifyWords.Store, message.Words);
            names.Add(message.DescriptorName);
            Descriptors.PassAs(descriptor, stored++);
            Assert.Equal(0, Libc.Close(descriptor));
        }

        Assert.Equal([$"device-{inode}", $"journal-{inode}"], names);
        first.Dispose();
        Assert.False(listener.TryReceive(Environment.ProcessId, out _, out _)); // it stays stored

        using KeptMounts second = new(Rules(30), _loop, manager, NullLogger.Instance);
        using (PassedDescriptors passed = PassedDescriptors.From("1", "2", string.Join(':', names), 1, firstStored))
        {
            second.Restore(passed);
        }

        Assert.True(second.TryGet(Mount, out int device, out int journal));
        Assert.Equal(("device", Mount), (Descriptors.Text(device), Descriptors.Text(journal)));
        while (listener.TryReceive(Environment.ProcessId, out _, out int again))
        {
            _ = Libc.Close(again);
        }

        Kept.HasEnded = true;
        second.Look();
        Assert.True(listener.TryReceive(Environment.ProcessId, out NotifyMessage forget, out _));
        Assert.Equal(new NotifyMessage(NotifyWords.Forget, $"device-{inode}"), forget);
        Assert.True(listener.TryReceive(Environment.ProcessId, out forget, out _));
        Assert.Equal(new NotifyMessage(NotifyWords.Forget, $"journal-{inode}"), forget);
    }

    [Fact]
    public void What_is_stored_and_of_no_use_is_forgotten()
    {
        using NotifyListener listener = NotifyListener.Open();
        using ServiceManager manager = ServiceManager.From(listener.Address, null, null, 1, storesUnmounted: true);
        using KeptMounts mounts = new(Rules(30), _loop, manager, NullLogger.Instance);
        const int first = Descriptors.Far + 120;
        string[] names = ["journal-1", "device-2", "journal-3", "device-3", "unknown"];
        for (int i = 0; i < names.Length; i++)
        {
            int file = Descriptors.File("rubbish");
            Descriptors.PassAs(file, first + i);
            Assert.Equal(0, Libc.Close(file));
        }

        using (PassedDescriptors passed = PassedDescriptors.From("1", "5", string.Join(':', names), 1, first))
        {
            mounts.Restore(passed);
        }

        Assert.Equal(0, mounts.Count);
        Assert.All(Enumerable.Range(first, names.Length), number => Assert.Null(Descriptors.Text(number)));
        HashSet<string> forgotten = [];
        while (listener.TryReceive(Environment.ProcessId, out NotifyMessage message, out _))
        {
            Assert.Equal(NotifyWords.Forget, message.Words);
            forgotten.Add(message.DescriptorName);
        }

        Assert.Superset(new HashSet<string> { "journal-1", "device-2", "journal-3", "device-3" }, forgotten);
    }

    private KeepingRules Rules(int releaseSeconds) => new()
    {
        ReleaseAfter = TimeSpan.FromSeconds(releaseSeconds),
        Open = _made.Open,
        Kill = _killed.Add,
        Unmount = _unmounted.Add,
        Detach = _ =>
        {
            _detaches++;
            return _detach;
        },
        Time = _clock,
    };

    private KeptMounts Create(int releaseSeconds) => new(Rules(releaseSeconds), _loop, ServiceManager.None, NullLogger.Instance);

    /// <summary>Kept, and served by process 42.</summary>
    private void Keep()
    {
        Assert.Null(_mounts.Keep(Mount, Descriptors.File("device"), Descriptors.File(Mount)));
        Kept.Server = 42;
        Beat();
        _mounts.Look();
    }

    private static void Pass(string device, string journal)
    {
        foreach ((string text, int number) in new[] { (device, PassedDevice), (journal, PassedJournal) })
        {
            int file = Descriptors.File(text);
            Descriptors.PassAs(file, number);
            Assert.Equal(0, Libc.Close(file));
        }
    }

    private static void AssertPassedAreClosed() => Assert.Equal((null, null), (Descriptors.Text(PassedDevice), Descriptors.Text(PassedJournal)));

    private static bool CanCompare() => Libc.CompareFiles(0, 0) == 0;

    private void WaitForReleases(int count)
    {
        Stopwatch time = Stopwatch.StartNew();
        while (Kept.Releases < count)
        {
            Assert.True(time.Elapsed < TimeSpan.FromSeconds(10), $"{Kept.Releases} releases, not {count}");
            _loop.Wait(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(count, Kept.Releases);
    }

    private void Spend(TimeSpan time)
    {
        Stopwatch spent = Stopwatch.StartNew();
        while (spent.Elapsed < time)
        {
            _loop.Wait(time - spent.Elapsed);
        }
    }

    private void Beat() => Kept.HeartbeatNs = _clock.NowNs;

    /// <summary>Time passes as it does for somebody who looks every second; then the last look.</summary>
    private void Look(int seconds)
    {
        if (seconds < 1000)
        {
            Run(seconds);
            return;
        }

        _clock.NowNs += seconds * TestClock.Second;
        _mounts.Look();
    }

    private void Run(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _clock.NowNs += TestClock.Second;
            _mounts.Look();
        }
    }
}
