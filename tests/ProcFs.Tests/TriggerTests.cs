using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Fuse;
using ProcFs.Host;
using ProcFs.Serving;
using ProcFs.Triggers;

namespace ProcFs.Tests;

/// <summary>
/// The table of triggers. Pipes stand for the kernel's files, and keep what was written to them; what the kernel would say of them the test
/// says itself.
/// </summary>
public sealed class TriggerTests : IDisposable
{
    private const ulong Node = 25;
    private const ulong Session = 77;
    private const string Free = "some 150000 2000000";
    private const PollEvents Lost = PollEvents.Default | PollEvents.Error | PollEvents.Priority;
    private const PollEvents Event = PollEvents.Default | PollEvents.Priority;

    private static readonly Guid Boot = Guid.Parse("3f2504e0-4f89-41d3-9a0c-0305e82c3301");

    private readonly HostTree _host = HostTree.V2();
    private readonly ViewService _views;
    private readonly ViewRenderer _renderer;
    private readonly List<ulong> _woken = [];
    private readonly List<TriggerFile> _files = [];
    private readonly List<ViewService> _later = [];
    private PressureTriggers _triggers;
    private bool _isCapable;
    private ulong _request = 2;

    public TriggerTests()
    {
        Container(10, "/c");
        Container(11, "/d");
        _views = new ViewService(HostRoots.From(_host.Path("proc"), _host.Path("sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance);
        _renderer = _views.CreateRenderer();
        _triggers = Start();
    }

    public void Dispose()
    {
        _files.ForEach(file => file.Dispose());
        _later.ForEach(views => views.Dispose());
        _views.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void A_caller_without_the_right_gets_what_the_kernel_would_give_it()
    {
        Assert.Equal(FuseErrno.EINVAL, Write(1, "some 150000 1000000"));
        Assert.Equal(FuseErrno.None, Write(1, "full 10000 2000000"));
        Assert.Equal(FuseErrno.EBUSY, Write(1, "full 10000 2000000"));
        Assert.Equal(FuseErrno.EBUSY, Write(1, "bad 1 2"));
        Assert.Equal(FuseErrno.EINVAL, Write(2, "some 500000 11000000"));
        Assert.Equal(FuseErrno.EINVAL, Write(2, "bad 1 2"));
        Assert.Equal(FuseErrno.None, Write(2, Free));
        Assert.Equal("full 10000 2000000\0some 150000 2000000\0", Written("/c"));
    }

    [Fact]
    public void A_caller_with_the_right_has_any_window()
    {
        _isCapable = true;
        Assert.Equal(FuseErrno.None, Write(1, "some 150000 1000000"));
        Assert.Equal(FuseErrno.EINVAL, Write(2, "some 150000 10000001"));
        Assert.Equal("some 150000 1000000\0", Written("/c"));
    }

    [Fact]
    public void The_same_write_again_changes_nothing_and_has_the_same_answer()
    {
        Assert.Equal(FuseErrno.None, Write(1, Free, request: 100));
        Assert.Equal(FuseErrno.None, Write(1, Free, request: 100));
        Assert.Equal(FuseErrno.None, Write(1, Free, request: 100 | (1UL << 63))); // sent again
        Assert.Equal(FuseErrno.EBUSY, Write(1, Free, request: 102));
        Assert.Equal(Free + "\0", Written("/c"));
    }

    [Fact]
    public async Task The_same_write_in_the_hands_of_two_workers_has_one_answer()
    {
        CallerView view = View(10);
        for (ulong handle = 1; handle <= 50; handle++)
        {
            RequestContext context = new(handle * 2, Node, 10, 0, 0, 0);
            ulong of = handle;
            FuseErrno[] answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => _triggers.Write(context, of, PressureResource.Cpu, view, Encoding.ASCII.GetBytes(Free)))));
            Assert.Equal([FuseErrno.None, FuseErrno.None], answers);
        }

        Assert.Equal(50, _triggers.Count);
    }

    [Fact]
    public void Without_a_trigger_a_poll_says_so() => Assert.Equal(Lost, Poll(1));

    [Fact]
    public void An_event_wakes_who_polled_and_is_told_once()
    {
        Write(1, Free);
        Assert.Equal(PollEvents.Default, Poll(1, pollHandle: 5));
        _triggers.Happened(1, isOver: false);
        Assert.Equal([5ul], _woken);
        Assert.Equal(Event, Poll(1, pollHandle: 5));
        Assert.Equal(PollEvents.Default, Poll(1, pollHandle: 5));
        _triggers.Happened(1, isOver: false);
        Assert.Equal(Event, Poll(1, pollHandle: 5));
    }

    [Fact]
    public void An_event_that_nobody_waited_for_is_told_to_the_next_poll()
    {
        Write(1, Free);
        _triggers.Happened(1, isOver: false);
        Assert.Empty(_woken);
        Assert.Equal(Event, Poll(1));
        Assert.Equal(PollEvents.Default, Poll(1));
    }

    [Fact]
    public void A_poll_that_is_executed_once_more_is_told_the_same()
    {
        Write(1, Free);
        _triggers.Happened(1, isOver: false);
        Assert.Equal(Event, Poll(1, request: 200));
        Assert.Equal(Event, Poll(1, request: 200 | (1UL << 63)));
        Assert.Equal(PollEvents.Default, Poll(1, request: 202));
    }

    [Fact]
    public void A_cgroup_that_ends_is_told_from_then_on()
    {
        Write(1, Free);
        Poll(1, pollHandle: 5);
        _triggers.Happened(1, isOver: true);
        Assert.Equal([5ul], _woken);
        Assert.Equal(Lost, Poll(1));
        Assert.Equal(Lost, Poll(1));
        Assert.Equal(FuseErrno.EBUSY, Write(1, Free));
    }

    [Fact]
    public void A_closed_file_has_no_trigger_any_more()
    {
        Write(1, Free);
        _triggers.Close(1);
        _triggers.Close(1);
        _triggers.Happened(1, isOver: false);
        Assert.Equal(0, _triggers.Count);
        Assert.Equal(Lost, Poll(1));
        Assert.Equal(FuseErrno.None, Write(1, Free));
    }

    [Fact]
    public void A_container_has_64_at_most_and_takes_none_from_others()
    {
        for (ulong handle = 1; handle <= PressureTriggers.MostOfOne; handle++)
        {
            Assert.Equal(FuseErrno.None, Write(handle, Free));
        }

        Assert.Equal(FuseErrno.ENOSPC, Write(100, Free));
        Assert.Equal(FuseErrno.None, Write(101, Free, thread: 11));
        _triggers.Close(7);
        AwaitClosed();
        Assert.Equal(FuseErrno.None, Write(100, Free));
    }

    [Fact]
    public void Where_no_pressure_is_told_a_trigger_is_taken_and_never_fires()
    {
        File.Delete(_host.Path("sys/fs/cgroup/c/cpu.pressure"));
        Assert.Equal(FuseErrno.None, Write(1, Free));
        Assert.Equal(PollEvents.Default, Poll(1));
        _triggers = Start();
        Assert.Equal(PollEvents.Default, Poll(1));
        Assert.Equal(FuseErrno.EBUSY, Write(1, Free));
    }

    [Fact]
    public void A_successor_sets_them_again()
    {
        Write(1, Free, request: 100);
        Write(2, "full 10000 2000000", thread: 11);
        Assert.Equal(Free + "\0", Written("/c"));
        Poll(1, pollHandle: 5);
        _triggers = Start();
        Assert.Equal(2, _triggers.Count);
        Assert.Equal(Free + "\0", Written("/c"));
        Assert.Equal("full 10000 2000000\0full 10000 2000000\0", Written("/d"));
        Assert.Equal(FuseErrno.None, Write(1, Free, request: 100));
        Assert.Equal(FuseErrno.EBUSY, Write(1, Free));
        // A pipe does not tell the time lost: nobody knows whether something has happened, so it is said that it has.
        Assert.Equal([5ul], _woken);
        Assert.Equal(Event, Poll(1));
        Assert.Equal(PollEvents.Default, Poll(1));
    }

    [Fact]
    public void An_event_that_was_not_told_is_told_by_the_successor()
    {
        Write(1, Free);
        Poll(1, pollHandle: 5);
        _triggers.Happened(1, isOver: false);
        _triggers = Start();
        Assert.Equal([5ul, 5ul], _woken);
        Assert.Equal(Event, Poll(1));
    }

    [Fact]
    public void A_poll_that_took_an_event_and_was_not_answered_is_told_it_by_the_successor()
    {
        File.Delete(_host.Path("sys/fs/cgroup/c/cpu.pressure")); // so that it is known that nothing happens meanwhile
        Write(1, Free);
        Pend(1);
        Assert.Equal(Event, Poll(1, request: 200));
        _triggers = Start();
        Assert.Equal(Event, Poll(1, request: 200));
        Assert.Equal(PollEvents.Default, Poll(1, request: 202));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_whose_cgroup_ended_meanwhile_is_over(bool isMadeAnew)
    {
        Write(1, Free);
        Poll(1, pollHandle: 5);
        string before = _host.Path("sys/fs/cgroup/c");
        Directory.Move(before, before + ".was"); // its inode stays in use
        if (isMadeAnew)
        {
            Container(10, "/c");
        }

        // The one before holds what it had opened.
        _later.Add(new ViewService(HostRoots.From(_host.Path("proc"), _host.Path("sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance));
        _triggers = Start(views: _later[^1]);
        Assert.Equal([5ul], _woken);
        Assert.Equal(Lost, Poll(1));
        Assert.Equal(Lost, Poll(1));
        _triggers.Close(1);
        _triggers = Start();
        Assert.Equal(0, _triggers.Count);
    }

    [Fact]
    public void Those_of_another_session_or_boot_mean_nothing()
    {
        Write(1, Free);
        Assert.Equal(0, Start(session: Session + 1).Count);
        _triggers = Start();
        Assert.Equal(0, _triggers.Count); // the file was begun anew
        Write(1, Free);
        Assert.Equal(0, Start(boot: Guid.NewGuid()).Count);
    }

    [Fact]
    public void What_a_successor_executed_once_more_for_nobody_is_taken_back()
    {
        Write(1, Free, request: 100);
        _triggers.Withdraw(At(102), 1);
        Assert.Equal(1, _triggers.Count);
        _triggers.Withdraw(At(100), 1);
        Assert.Equal(0, _triggers.Count);

        Write(1, Free, request: 100);
        _triggers = Start();
        Write(1, Free, request: 100);
        _triggers.Withdraw(At(100), 1); // its predecessor has answered it
        Assert.Equal(1, _triggers.Count);
    }

    private void AwaitClosed() => Assert.True(SpinWait.SpinUntil(() => _triggers.Closing == 0, 10_000));

    [Fact]
    public void Places_in_the_file_are_used_again()
    {
        for (ulong handle = 1; handle <= 200; handle++)
        {
            Assert.Equal(FuseErrno.None, Write(handle, Free));
            _triggers.Close(handle);
            AwaitClosed();
        }

        Assert.InRange(new FileInfo(TriggerPath).Length, 1, 3 * 4096);
    }

    [Fact]
    public void A_file_that_an_enemy_wrote_does_no_harm()
    {
        Write(1, Free);
        Write(2, "full 10000 2000000");
        Poll(1, pollHandle: 5);
        byte[] good = File.ReadAllBytes(TriggerPath);
        Random random = new(4711);
        for (int i = 0; i < 1000; i++)
        {
            byte[] bad = good[..(i % 10 == 0 ? random.Next(good.Length) : good.Length)];
            for (int changes = random.Next(1, 6); changes > 0 && bad.Length > 0; changes--)
            {
                // Where the fields are, mostly.
                int at = (random.Next(3) * 4096) + random.Next(random.Next(2) == 0 ? 112 : 300);
                bad[Math.Min(at, bad.Length - 1)] = (byte)random.Next(256);
            }

            File.Delete(TriggerPath);
            File.WriteAllBytes(TriggerPath, bad);
            PressureTriggers triggers = Start();
            Assert.InRange(triggers.Count, 0, 2);
            for (ulong handle = 1; handle <= 2; handle++)
            {
                triggers.Poll(At(NextRequest()), handle, 5);
                triggers.Close(handle);
            }

            _files[^1].Dispose();
            _files.RemoveAt(_files.Count - 1);
            if (i % 100 == 0)
            {
                _ = Written("/c");
                _ = Written("/d");
            }
        }
    }

    [Fact]
    public void Without_a_file_they_work_and_end_with_the_daemon()
    {
        string path = TriggerPath;
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.Null(TriggerFile.Open(path, Boot, Session, out string? defect));
        Assert.NotNull(defect);
        PressureTriggers triggers = new(_views.Pressure, null, _ => false, _woken.Add, NullLogger.Instance);
        Assert.Equal(0, triggers.Adopt());
        Assert.Equal(FuseErrno.None, triggers.Write(At(2), 1, PressureResource.Cpu, View(10), Encoding.ASCII.GetBytes(Free)));
        triggers.Happened(1, isOver: false);
        Assert.Equal(Event, triggers.Poll(At(4), 1, 5));
        triggers.Close(1);
    }

    private string TriggerPath => _host.Path("triggers");

    private void Container(int pid, string cgroup)
    {
        _host.Process(pid, 100000, cgroup, $"pid:[40265320{pid}]", $"mnt:[40265330{pid}]", namespacePid: 1).Cgroup(cgroup).WriteProcs(cgroup, $"{pid}\n");
        using Process mkfifo = Process.Start("mkfifo", [_host.Path($"sys/fs/cgroup{cgroup}/cpu.pressure")]);
        Assert.True(mkfifo.WaitForExit(TimeSpan.FromSeconds(10)));
    }

    /// <summary>A daemon on the same file; the one before is as good as killed.</summary>
    private PressureTriggers Start(ulong session = Session, Guid? boot = null, ViewService? views = null)
    {
        TriggerFile file = TriggerFile.Open(TriggerPath, boot ?? Boot, session, out string? defect)!;
        Assert.Null(defect);
        _files.Add(file);
        PressureTriggers triggers = new((views ?? _views).Pressure, file, _ => _isCapable, _woken.Add, NullLogger.Instance);
        triggers.Adopt();
        return triggers;
    }

    /// <summary>As if an event had been written down by the daemon before.</summary>
    private unsafe void Pend(ulong handle)
    {
        TriggerFile file = _files[^1];
        for (int page = 0; page < file.Count; page++)
        {
            if (file.Record(page)->Handle == handle)
            {
                file.Record(page)->IsPending = 1;
            }
        }

        _triggers = Start();
    }

    private FuseErrno Write(ulong handle, string text, int thread = 10, ulong? request = null)
        => _triggers.Write(new RequestContext(request ?? NextRequest(), Node, (uint)thread, 0, 0, 0), handle, PressureResource.Cpu, View(thread), Encoding.ASCII.GetBytes(text));

    private PollEvents Poll(ulong handle, ulong pollHandle = 3, ulong? request = null) => _triggers.Poll(At(request ?? NextRequest()), handle, pollHandle);

    private CallerView View(int thread) => _renderer.FindView(0, (uint)thread);

    private ulong NextRequest() => _request += 2;

    private static RequestContext At(ulong request) => new(request, Node, 10, 0, 0, 0);

    private string Written(string cgroup)
    {
        byte[] buffer = new byte[65536];
        using FileStream pipe = new(_host.Path($"sys/fs/cgroup{cgroup}/cpu.pressure"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        pipe.Write("."u8); // so that it never waits
        int length = pipe.Read(buffer);
        return Encoding.ASCII.GetString(buffer, 0, length - 1);
    }
}
