using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests;

[CollectionDefinition(nameof(KeptSessionTests), DisableParallelization = true)]
public sealed class KeptSessionTestsAlone;

/// <summary>A keeper with a real mount that nobody serves. The mount is only ever touched by children.</summary>
[Collection(nameof(KeptSessionTests))]
public sealed class KeptSessionTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-kept-").FullName;
    private readonly FuseDevice _device;
    private readonly Journal _journal;

    public KeptSessionTests()
    {
        Assert.SkipUnless(Libc.EffectiveUserId() == 0 && File.Exists("/dev/fuse"), "needs root and /dev/fuse, to mount");
        Assert.SkipUnless(File.Exists(Python), $"needs a server: there is no {Python}");
        Mount = Directory.CreateDirectory(Path.Combine(_directory, "mount")).FullName;
        _device = FuseDevice.Open();
        _journal = Journal.Create(Mount, 1, 4096);
        FuseMount.Mount(_device, Mount);
        _journal.IsMounted = true;
    }

    private string Mount { get; }

    public void Dispose()
    {
        if (Mount is not null)
        {
            FuseMount.DetachAll(Mount);
            _device.Dispose();
            _journal.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Readers_are_let_go_again_and_again()
    {
        using KeptSession kept = Open();
        Assert.Equal((Mount, _journal.Inode, false, true), (kept.Mount, kept.Inode, kept.HasEnded, kept.WasMounted));
        _journal.IsMounted = false; // a server that was killed before it said so: the device lives
        Assert.Equal((false, true), (kept.HasEnded, kept.WasMounted));
        _journal.IsMounted = true;
        for (int i = 0; i < 3; i++)
        {
            using Process reader = Read();
            int answered = 0;
            Assert.True(SpinWait.SpinUntil(() => (answered += kept.Release()) >= 0 && reader.HasExited, TimeSpan.FromSeconds(20)), "the reader is not let go");
            Assert.Contains("Input/output error", reader.StandardError.ReadToEnd(), StringComparison.Ordinal);
            Assert.True(answered > 0);
        }

        Assert.Equal(0, kept.Release());
        Assert.Equal(1, Libc.Poll([new Libc.PollFd { Fd = kept.Device, Events = Libc.POLLOUT }], 0)); // alive
        FuseMount.DetachAll(Mount);
        Assert.True(SpinWait.SpinUntil(() => kept.HasEnded, TimeSpan.FromSeconds(20)));
        Assert.Equal((0, true), (kept.Release(), kept.WasMounted));
    }

    [Fact]
    public void Whoever_holds_the_journals_lock_serves()
    {
        using KeptSession kept = Open();
        Assert.False(kept.IsServed(out int pid));
        Assert.Equal(0, pid);
        using Process server = Serve();
        try
        {
            Assert.True(kept.IsServed(out pid));
            Assert.Equal(server.Id, pid);
            Assert.Equal(-1, kept.Release());
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }

        Assert.False(kept.IsServed(out _));
        Assert.True(kept.Release() >= 0);
        _journal.HeartbeatNs = 77;
        Assert.Equal(77, kept.HeartbeatNs);
    }

    [Fact]
    public void A_device_that_was_never_mounted_has_not_ended()
    {
        using FuseDevice device = FuseDevice.Open();
        using Journal journal = Journal.Create("/mnt/never", 1, 0);
        int copy = Copy(device.Number);
        int memory = Copy(journal.Number);
        using KeptSession kept = KeptSession.TryOpen(copy, memory, NullLogger.Instance, out _)!;
        Assert.Equal((false, false), (kept.HasEnded, kept.WasMounted));
        Assert.Equal(0, kept.Release());
    }

    [Fact]
    public void Only_a_device_and_a_journal_are_kept()
    {
        int file = Descriptors.File("x");
        Assert.Null(KeptSession.TryOpen(file, _journal.Number, NullLogger.Instance, out string? defect));
        Assert.Equal("what should be the device is not /dev/fuse", defect);
        Assert.Null(KeptSession.TryOpen(_device.Number, file, NullLogger.Instance, out defect));
        Assert.NotNull(defect);
        using FileDescriptor none = FileDescriptor.Open("/dev/null", Libc.O_RDWR, out _)!;
        Assert.Null(KeptSession.TryOpen(none.Number, _journal.Number, NullLogger.Instance, out defect));
        Assert.Equal("what should be the device is not /dev/fuse", defect);
        Assert.Equal("x", Descriptors.Text(file)); // still ours
        Assert.Equal(0, Libc.Close(file));
    }

    [Fact]
    public void A_keeper_lets_the_readers_of_a_killed_server_go_and_hands_the_mount_to_the_next()
    {
        string runDirectory = Path.Combine(_directory, "run");
        using SignalInbox signals = new();
        KeepingRules rules = new()
        {
            ReleaseAfter = TimeSpan.FromSeconds(1),
            Open = (device, journal, out defect) => KeptSession.TryOpen(device, journal, NullLogger.Instance, out defect),
            Unmount = mount => FuseMount.DetachAll(mount),
            Detach = FakeDetach.Done,
        };
        using Keeper keeper = new(runDirectory, rules, ServiceManager.None, signals, NullLogger.Instance);
        Thread thread = new(() => keeper.Run(PassedDescriptors.From(null, null, null, 0, 0)));
        thread.Start();
        using KeeperClient client = RunningKeeper.Client(runDirectory);
        using Process first = Serve();
        using Process reader = Read();
        try
        {
            Assert.True(SpinWait.SpinUntil(() => client.Keep(Mount, _device.Number, _journal.Number).IsDone, TimeSpan.FromSeconds(10)));
            _journal.HeartbeatNs = TimeProvider.System.NowNs();
            Assert.False(reader.WaitForExit(TimeSpan.FromSeconds(2))); // it waits for its server, however long that takes
            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"served {first.Id} {Mount}"), client.List().Text, StringComparison.Ordinal);
            Stopwatch time = Stopwatch.StartNew();
            first.Kill();
            first.WaitForExit();
            Assert.True(reader.WaitForExit(TimeSpan.FromSeconds(10)), "the reader is not let go");
            Assert.InRange(time.Elapsed.TotalSeconds, 0.8, 9);
            Assert.Contains("Input/output error", reader.StandardError.ReadToEnd(), StringComparison.Ordinal);
            Assert.StartsWith("released 0 ", client.List().Text, StringComparison.Ordinal);

            using Process another = Read();
            Assert.True(another.WaitForExit(TimeSpan.FromSeconds(10)), "one that came later is not let go");
            Assert.True(client.Take(Mount, out int device, out int journal).IsDone);
            Assert.Equal((_journal.Inode, 0, 0), (Descriptors.Inode(journal), Libc.Close(device), Libc.Close(journal)));
            using Process second = Serve();
            Assert.True(SpinWait.SpinUntil(() => client.List().Text.StartsWith("served ", StringComparison.Ordinal), TimeSpan.FromSeconds(20)));
            using Process patient = Read();
            Assert.False(patient.WaitForExit(TimeSpan.FromSeconds(2)));
            second.Kill();
            second.WaitForExit();
            Assert.True(patient.WaitForExit(TimeSpan.FromSeconds(10)), "the reader is not let go");
            Assert.True(client.End(Mount).IsDone);
            Assert.Equal(MountPointKind.Nothing, MountPoint.Inspect(Mount).Kind);
            Assert.Equal("", client.List().Text);
        }
        finally
        {
            signals.Post(Libc.SIGTERM);
            FuseMount.DetachAll(Mount);
            _device.Dispose(); // the last one but the keeper's: its end lets everybody go
            Assert.True(thread.Join(TimeSpan.FromSeconds(10)));
        }
    }

    private KeptSession Open()
    {
        KeptSession? kept = KeptSession.TryOpen(Copy(_device.Number), Copy(_journal.Number), NullLogger.Instance, out string? defect);
        Assert.Null(defect);
        return kept!;
    }

    /// <summary>Another descriptor of the same open file, as a message brings one.</summary>
    private static int Copy(int descriptor)
    {
        using NotifyListener listener = NotifyListener.Open();
        using ServiceManager manager = ServiceManager.From(listener.Address, null, null, 1, storesUnmounted: true);
        Assert.True(manager.Store(descriptor, "copy"));
        Assert.True(listener.TryReceive(Environment.ProcessId, out _, out int copy));
        return copy;
    }

    /// <summary>A process that holds the journal's lock, and does nothing.</summary>
    private Process Serve()
    {
        string script = $"""
            import fcntl, sys, time
            f = open("/proc/{Environment.ProcessId}/fd/{_journal.Number}", "r+b", buffering=0)
            fcntl.lockf(f, fcntl.LOCK_EX)
            print("locked", flush=True)
            time.sleep(60)
            """;
        Process server = Process.Start(new ProcessStartInfo(Python, ["-c", script]) { RedirectStandardOutput = true })!;
        Assert.Equal("locked", server.StandardOutput.ReadLine());
        return server;
    }

    private Process Read()
        => Process.Start(new ProcessStartInfo("/usr/bin/timeout", ["-s", "KILL", "50", "cat", Path.Combine(Mount, "file")]) { RedirectStandardError = true, StandardErrorEncoding = Encoding.UTF8 })!;
}
