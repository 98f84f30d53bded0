using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using ProcFs.Hook.Output;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Output;

public sealed class HookLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public HookLogTests()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(_directory.At("log")));
        _socket.ReceiveTimeout = 5000;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void It_speaks_as_syslog_does()
    {
        HookLog log = new("procfs hook", _directory.At("log"), -1);
        log.Tell(HookEvent.Ended, "all is well");
        Assert.Equal($"<30>procfs-hook[{Environment.ProcessId}]: [1803] all is well", Receive());
        log.Tell(HookEvent.NoFiles, "something is not");
        Assert.Equal($"<28>procfs-hook[{Environment.ProcessId}]: [1812] something is not", Receive());
    }

    [Fact]
    public void Whatever_an_id_is_it_stays_one_line_of_bounded_length()
    {
        new HookLog("procfs hook", _directory.At("log"), -1).Tell(HookEvent.Attached, "a\nb\u001b[2Jc" + new string('x', 100_000));
        string line = Receive();
        Assert.Contains("a?b?[2Jc", line, StringComparison.Ordinal);
        Assert.True(line.Length < 1100);
    }

    [Fact]
    public void A_log_that_nobody_reads_or_that_is_not_there_holds_nobody_up()
    {
        HookLog log = new("procfs hook", _directory.At("log"), -1);
        for (int i = 0; i < 2000; i++)
        {
            log.Tell(HookEvent.Attached, "more than the queue has room for");
        }

        new HookLog("procfs hook", _directory.At("nowhere"), -1).Tell(HookEvent.Attached, "x");
    }

    [Fact]
    public void A_standard_error_that_nobody_reads_holds_nobody_up()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        int descriptor = (int)pipe.ClientSafePipeHandle.DangerousGetHandle();
        HookLog log = new("procfs hook", _directory.At("nowhere"), descriptor);
        Thread writing = new(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                log.Tell(HookEvent.NoFiles, new string('x', 999)); // seven times what a pipe has room for
            }
        })
        { IsBackground = true };
        writing.Start();
        bool isDone = writing.Join(TimeSpan.FromSeconds(20));
        byte[] buffer = new byte[2000];
        int length = pipe.Read(buffer);
        pipe.Dispose(); // a writer that waits gets its error
        Assert.True(isDone, "it waits for a reader");
        Assert.StartsWith("procfs hook: xxx", Encoding.UTF8.GetString(buffer, 0, length), StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosts_log_gets_a_warning_once_a_minute_and_standard_error_each()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        for (int i = 1; i <= 3; i++)
        {
            // Each start of a container is another process, and another id.
            new HookLog("procfs hook", _directory.At("log"), (int)pipe.ClientSafePipeHandle.DangerousGetHandle(), new RepeatGate(_directory.At("told")))
                .Tell(HookEvent.NoFiles, $"container 3f{i} gets no files: there is no daemon");
            new HookLog("procfs hook", _directory.At("log"), -1, new RepeatGate(_directory.At("told"))).Tell(HookEvent.Ended, $"container 3f{i} has ended");
        }

        Assert.EndsWith("[1812] container 3f1 gets no files: there is no daemon", Receive(), StringComparison.Ordinal);
        Assert.All(Enumerable.Range(1, 3), i => Assert.EndsWith($"[1803] container 3f{i} has ended", Receive(), StringComparison.Ordinal));
        byte[] buffer = new byte[2000];
        string error = Encoding.UTF8.GetString(buffer, 0, pipe.Read(buffer));
        Assert.Equal(string.Concat(Enumerable.Range(1, 3).Select(i => $"procfs hook: container 3f{i} gets no files: there is no daemon\n")), error);
    }

    private string Receive()
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer));
    }
}
