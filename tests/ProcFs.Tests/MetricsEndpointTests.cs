using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Metrics;

namespace ProcFs.Tests;

/// <summary>The place where a daemon serves its metrics, and people who do there what they like.</summary>
public sealed class MetricsEndpointTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-endpoint-").FullName;
    private readonly string _long = new('x', 3_000_000);
    private readonly string _path;
    private int _calls;

    public MetricsEndpointTests() => _path = Path.Combine(_directory, "s");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Whoever_asks_gets_the_metrics_and_an_end()
    {
        Start();
        string answer = Ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nConnection: close\r\n\r\nmade 1\n", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", Ask("GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 405 ", Ask("PUT /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", Ask("nonsense\n\n"), StringComparison.Ordinal);
        Assert.Contains("made 2\n", Ask("GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_answer_arrives_whole_at_a_slow_reader()
    {
        Start();
        using Socket slow = Connect();
        slow.Send("GET /metrics HTTP/1.1\r\n"u8);
        Thread.Sleep(50);
        slow.Send("\r\n"u8);
        Thread.Sleep(50);
        string answer = ReadAll(slow);
        Assert.EndsWith("\nmade 1\n" + _long + "\n", answer.Replace("\r\n\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_who_say_nothing_keep_nobody_from_it()
    {
        Start();
        Socket[] silent = [.. Enumerable.Range(0, 20).Select(_ => Connect())];
        Assert.Contains("made 1\n", Ask("GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        foreach (Socket socket in silent)
        {
            socket.Dispose();
        }
    }

    [Fact]
    public void A_request_without_an_end_is_refused()
    {
        Start();
        using Socket socket = Connect();
        socket.Send(new byte[MetricsRequest.MostBytes]);
        Assert.StartsWith("HTTP/1.1 400 ", ReadAll(socket), StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_that_nobody_listens_on_any_more_is_replaced()
    {
        using (Socket old = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            old.Bind(new UnixDomainSocketEndPoint(_path));
        }

        Start();
        Assert.StartsWith("HTTP/1.1 200 ", Ask("GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void What_is_not_ours_is_left_alone()
    {
        File.WriteAllText(_path, "mine");
        Assert.Null(MetricsListener.Open(MetricsAddress.Parse("unix:" + _path)!, out string? defect));
        Assert.Contains("Address already in use", defect!, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_path));
        File.Delete(_path);
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_path));
        other.Listen();
        Assert.Null(MetricsListener.Open(MetricsAddress.Parse("unix:" + _path)!, out _));
    }

    private void Start()
        => MetricsEndpoint.Start(
            MetricsAddress.Parse("unix:" + _path)!,
            output =>
            {
                output.Write(Encoding.ASCII.GetBytes($"made {++_calls}\n{_long}\n"));
            },
            NullLogger.Instance);

    private string Ask(string request)
    {
        using Socket socket = Connect();
        socket.Send(Encoding.ASCII.GetBytes(request));
        return ReadAll(socket);
    }

    private Socket Connect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        DateTime end = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(_path));
                return socket;
            }
            catch (SocketException) when (DateTime.UtcNow < end)
            {
                Thread.Sleep(10); // its thread has not come to listen yet
            }
        }
    }

    private static string ReadAll(Socket socket)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[65536];
        int count;
        while ((count = socket.Receive(buffer)) > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
