using System.Diagnostics;
using System.Text;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests;

/// <summary>sd_notify, the server's side against the supervisor's.</summary>
public sealed class NotifyTests
{
    private const string Python = "/usr/bin/python3";

    [Theory]
    [InlineData("READY=1", NotifyWords.Ready, "stored")]
    [InlineData("READY=1\n", NotifyWords.Ready, "stored")]
    [InlineData("READY=1\nSTATUS=serving\nWATCHDOG=1\nMAINPID=1", NotifyWords.Ready | NotifyWords.Watchdog, "stored")]
    [InlineData("FDSTORE=1\nFDNAME=procfs-device\nFDPOLL=0", NotifyWords.Store, "procfs-device")]
    [InlineData("FDNAME=procfs-journal\nFDSTORE=1", NotifyWords.Store, "procfs-journal")]
    [InlineData("FDSTOREREMOVE=1\nFDNAME=x", NotifyWords.Forget, "x")]
    [InlineData("FDSTORE=1", NotifyWords.Store, "stored")]
    [InlineData("BARRIER=1", NotifyWords.Barrier, "stored")]
    [InlineData("", NotifyWords.None, "stored")]
    [InlineData("READY=0", NotifyWords.None, "stored")]
    [InlineData("READY=11", NotifyWords.None, "stored")]
    [InlineData(" READY=1", NotifyWords.None, "stored")]
    [InlineData("READY", NotifyWords.None, "stored")]
    [InlineData("\n\n=\n", NotifyWords.None, "stored")]
    [InlineData("FDSTORE=1\nFDNAME=", NotifyWords.None, null)]
    [InlineData("FDSTORE=1\nFDNAME=a:b", NotifyWords.None, null)]
    [InlineData("FDSTORE=1\nFDNAME=a\tb", NotifyWords.None, null)]
    [InlineData("FDSTORE=1\nFDNAME=ä", NotifyWords.None, null)]
    [InlineData("READY=1\0", NotifyWords.None, null)]
    public void Lines_that_mean_something(string text, object words, string? name)
        => Assert.Equal(new NotifyMessage((NotifyWords)words, name!), NotifyMessage.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Names_are_bounded()
    {
        Assert.Equal(new string('x', 255), NotifyMessage.Parse(Encoding.UTF8.GetBytes("FDNAME=" + new string('x', 255))).DescriptorName);
        Assert.Null(NotifyMessage.Parse(Encoding.UTF8.GetBytes("FDNAME=" + new string('x', 256))).DescriptorName);
    }

    [Fact]
    public void What_a_server_says_is_heard()
    {
        using NotifyListener listener = NotifyListener.Open();
        using ServiceManager manager = ServiceManager.From(listener.Address, "20000000", null, 1, storesUnmounted: true);
        Assert.True(manager.IsPresent);
        Assert.True(manager.StoresUnmounted);
        Assert.Equal(TimeSpan.FromSeconds(20), manager.WatchdogInterval);
        int file = Descriptors.File("device");
        Assert.True(manager.Store(file, "procfs-device"));
        Assert.True(manager.Ready("two\nlines"));
        Assert.True(manager.Watchdog());
        Assert.True(manager.Forget("procfs-device"));
        Assert.True(manager.Stopping() && manager.Status("x"));

        Assert.Equal((NotifyWords.Store, "procfs-device"), Hear(listener, out int received));
        Assert.Equal("device", Descriptors.Text(received));
        Assert.NotEqual(file, received);
        Assert.False(Libc.ClaimInherited(received)); // close-on-exec
        Assert.Equal((0, 0), (Libc.Close(received), Libc.Close(file)));
        Assert.Equal((NotifyWords.Ready, "stored"), Hear(listener, out received));
        Assert.Equal(-1, received);
        Assert.Equal((NotifyWords.Watchdog, "stored"), Hear(listener, out _));
        Assert.Equal((NotifyWords.Forget, "procfs-device"), Hear(listener, out _));
        Assert.Equal((NotifyWords.None, "stored"), Hear(listener, out _));
        Assert.Equal((NotifyWords.None, "stored"), Hear(listener, out _));
        Assert.False(listener.TryReceive(Environment.ProcessId, out _, out _));
    }

    [Fact]
    public async Task A_barrier_waits_for_its_turn()
    {
        using NotifyListener listener = NotifyListener.Open();
        using ServiceManager manager = ServiceManager.From(listener.Address, null, null, 1, storesUnmounted: true);
        Assert.False(manager.Barrier(TimeSpan.FromMilliseconds(50))); // nobody listens
        Task<bool> barrier = Task.Factory.StartNew(() => manager.Barrier(TimeSpan.FromSeconds(60)), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int i = 0; i < 2; i++)
        {
            Assert.True(IsReadable(listener.Descriptor));
            Assert.Equal((NotifyWords.Barrier, "stored"), Hear(listener, out int descriptor));
            Assert.True(descriptor >= 0);
            Assert.True(i == 0 || !barrier.IsCompleted);
            Assert.Equal(0, Libc.Close(descriptor));
        }

        Assert.True(await barrier);
    }

    [Fact]
    public void Without_a_manager_nothing_is_said()
    {
        foreach (string? address in new[] { null, "", "x", "/", "vsock:2:1234", "@" + new string('x', 108) })
        {
            using ServiceManager manager = ServiceManager.From(address, "1000000", null, 1, storesUnmounted: true);
            Assert.False(manager.IsPresent || manager.StoresUnmounted || manager.WatchdogInterval is not null);
            Assert.False(manager.Ready() || manager.Watchdog() || manager.Barrier());
        }
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("5", true)]
    [InlineData("6", false)]
    [InlineData("", false)]
    public void The_watchdog_is_for_the_process_it_names(string? pid, bool isWatched)
    {
        using ServiceManager manager = ServiceManager.From("@x", "1000000", pid, 5, storesUnmounted: false);
        Assert.Equal(isWatched ? TimeSpan.FromSeconds(1) : null, manager.WatchdogInterval);
        Assert.False(manager.StoresUnmounted);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    public void A_watchdog_time_that_is_none_is_none(string? time)
    {
        using ServiceManager manager = ServiceManager.From("@x", time, null, 5, storesUnmounted: false);
        Assert.Null(manager.WatchdogInterval);
    }

    [Fact]
    public void A_path_is_an_address_too()
    {
        string directory = Directory.CreateTempSubdirectory("procfs-notify-").FullName;
        using FileDescriptor socket = new(Libc.LocalSocket(Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK));
        Assert.Equal(0, Libc.Bind(socket.Number, Encoding.UTF8.GetBytes(directory + "/s\0")));
        using ServiceManager manager = ServiceManager.From(directory + "/s", null, null, 1, storesUnmounted: false);
        Assert.True(manager.Ready());
        byte[] buffer = new byte[100];
        Assert.Equal(7, Libc.Read(socket.Number, buffer));
        Assert.Equal("READY=1", Encoding.UTF8.GetString(buffer, 0, 7));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void Only_one_process_is_heard()
    {
        Assert.SkipUnless(File.Exists(Python), $"needs a second process: there is no {Python}");
        using NotifyListener listener = NotifyListener.Open();
        const string script = "import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.sendto(b'READY=1', '\\0' + sys.argv[1][1:])";
        using Process stranger = Process.Start(Python, ["-c", script, listener.Address]);
        stranger.WaitForExit();
        Assert.True(listener.TryReceive(Environment.ProcessId, out NotifyMessage message, out _));
        Assert.Equal(default, message);

        using Process child = Process.Start(Python, ["-c", script, listener.Address]);
        child.WaitForExit();
        Assert.True(listener.TryReceive(child.Id, out message, out _));
        Assert.Equal(NotifyWords.Ready, message.Words);
        using Process nobody = Process.Start(Python, ["-c", script, listener.Address]);
        nobody.WaitForExit();
        Assert.True(listener.TryReceive(0, out message, out _));
        Assert.Equal(default, message);
    }

    private static bool IsReadable(int descriptor) => Libc.Poll([new Libc.PollFd { Fd = descriptor, Events = Libc.POLLIN }], 30_000) > 0;

    private static (NotifyWords Words, string Name) Hear(NotifyListener listener, out int descriptor)
    {
        Assert.True(listener.TryReceive(Environment.ProcessId, out NotifyMessage message, out descriptor));
        return (message.Words, message.DescriptorName);
    }
}
