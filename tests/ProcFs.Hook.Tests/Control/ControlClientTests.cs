using System.Diagnostics;
using System.Net.Sockets;
using ProcFs.Hook.Control;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Control;

public sealed class ControlClientTests : IDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Several_requests_go_over_one_connection()
    {
        using ControlServer server = new(_directory.Path, request => request == "WHERE"
            ? ControlServer.Place(0, "/m", 5, "proc/stat")
            : ControlServer.Place(3, "/m", 5, "proc/stat"));
        using ControlClient client = new(_directory.Path, TimeSpan.FromSeconds(10));
        Assert.Equal("/m/c/3", Answer(client, new ControlRequest(ControlVerb.Register, "box")).SourceDirectory);
        Assert.Equal("/m/common", Answer(client, new ControlRequest(ControlVerb.Where)).SourceDirectory);
        Assert.Equal(["REGISTER box", "WHERE"], server.Requests);
    }

    [Fact]
    public void What_the_daemon_refuses_is_its_own_sentence()
    {
        using ControlServer server = new(_directory.Path, _ => "ERROR process 7 has ended\n"u8.ToArray());
        using ControlClient client = new(_directory.Path, TimeSpan.FromSeconds(10));
        Assert.Equal("process 7 has ended", client.Ask(new ControlRequest(ControlVerb.Where)).Failure);
    }

    [Fact]
    public void Without_a_daemon_it_says_so_at_once()
    {
        using ControlClient client = new(_directory.Path, TimeSpan.FromSeconds(30));
        ControlReply reply = client.Ask(new ControlRequest(ControlVerb.Where));
        Assert.True(reply.IsAbsent);
        Assert.Contains(_directory.Path, reply.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_that_nobody_listens_on_any_more_is_no_daemon()
    {
        new ControlServer(_directory.Path, _ => null, accepts: false).Dispose();
        using ControlClient client = new(_directory.Path, TimeSpan.FromSeconds(30));
        Assert.True(client.Ask(new ControlRequest(ControlVerb.Where)).IsAbsent);
    }

    [Fact]
    public void A_daemon_that_lets_in_but_does_not_answer_costs_no_more_than_the_time_given()
    {
        using ControlServer server = new(_directory.Path, _ => null);
        AssertLate("does not answer within 200 ms");
    }

    [Fact]
    public void A_stopped_daemon_whose_queue_has_room_costs_no_more_than_the_time_given()
    {
        using ControlServer server = new(_directory.Path, _ => null, accepts: false);
        AssertLate("does not answer within 200 ms");
    }

    [Fact]
    public void A_stopped_daemon_whose_queue_is_full_costs_no_more_than_the_time_given()
    {
        using ControlServer server = new(_directory.Path, _ => null, accepts: false, backlog: 0);
        using Socket first = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        first.Connect(new UnixDomainSocketEndPoint(RunDirectory.ControlSocket(_directory.Path)));
        AssertLate("lets nobody in within 200 ms");
    }

    [Fact]
    public void After_a_failure_nothing_more_is_asked()
    {
        using ControlServer server = new(_directory.Path, _ => "what\n"u8.ToArray());
        using ControlClient client = new(_directory.Path, TimeSpan.FromSeconds(10));
        Assert.Contains("cannot be understood", client.Ask(new ControlRequest(ControlVerb.Where)).Failure, StringComparison.Ordinal);
        Assert.Contains("cannot be understood", client.Ask(new ControlRequest(ControlVerb.Where)).Failure, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void What_is_only_told_is_read_by_the_daemon_but_not_waited_for()
    {
        using ManualResetEventSlim isHeard = new();
        using ControlServer server = new(_directory.Path, _ =>
        {
            isHeard.Set();
            return null;
        });
        using (ControlClient client = new(_directory.Path, TimeSpan.FromSeconds(30)))
        {
            client.Tell(new ControlRequest(ControlVerb.Attached, "box"));
            Assert.NotNull(client.Ask(new ControlRequest(ControlVerb.Where)).Failure); // an answer could be the other one's
        }

        Assert.True(isHeard.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(["ATTACHED box"], server.Requests);
    }

    [Fact]
    public void A_run_directory_too_deep_for_a_socket_is_a_sentence()
    {
        using ControlClient client = new("/" + new string('x', 200), Within);
        Assert.Contains("too long", client.Ask(new ControlRequest(ControlVerb.Where)).Failure, StringComparison.OrdinalIgnoreCase);
    }

    private static ControlAnswer Answer(ControlClient client, ControlRequest request)
    {
        ControlReply reply = client.Ask(request);
        Assert.Null(reply.Failure);
        return reply.Answer!;
    }

    private void AssertLate(string how)
    {
        long start = Stopwatch.GetTimestamp();
        using ControlClient client = new(_directory.Path, Within);
        ControlReply reply = client.Ask(new ControlRequest(ControlVerb.Where));
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        Assert.False(reply.IsAbsent);
        Assert.Contains(how, reply.Failure, StringComparison.Ordinal);
        Assert.InRange(took, Within, Within + TimeSpan.FromSeconds(10)); // a loaded machine wakes late
    }
}
