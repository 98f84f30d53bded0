using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests.Support;

/// <summary>A keeper on a thread of its own, with made-up connections and a real socket.</summary>
internal sealed class RunningKeeper : IDisposable
{
    private readonly SignalInbox _signals = new();
    private readonly Keeper _keeper;
    private readonly Thread _thread;
    private Exception? _fault;

    public RunningKeeper(string runDirectory)
    {
        RunDirectory = runDirectory;
        KeepingRules rules = new()
        {
            ReleaseAfter = TimeSpan.FromSeconds(3600),
            Open = Made.Open,
            Kill = _ => Assert.Fail("nobody is to be killed"),
            Unmount = Unmounted.Add,
            Detach = FakeDetach.Done,
        };
        _keeper = new Keeper(runDirectory, rules, ServiceManager.None, _signals, NullLogger.Instance);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
        using KeeperClient client = Client(runDirectory);
        Assert.True(SpinWait.SpinUntil(() => _fault is not null || client.List().IsDone, TimeSpan.FromSeconds(10)), "the keeper does not answer");
        if (_fault is not null)
        {
            Stop();
            throw _fault;
        }
    }

    public string RunDirectory { get; }

    public FakeKept.Factory Made { get; } = new();

    public List<string> Unmounted { get; } = [];

    /// <summary>One with more patience than a server's, for a machine that does much else.</summary>
    public static KeeperClient Client(string runDirectory) => new(runDirectory) { AnswersWithin = TimeSpan.FromSeconds(30), EndsWithin = TimeSpan.FromSeconds(30) };

    /// <summary>A connection to it, not by way of the client; blocking, 30 seconds.</summary>
    public int Connect() => Connect(RunDirectory);

    public static int Connect(string runDirectory)
    {
        int socket = Libc.LocalSocket(Libc.SOCK_SEQPACKET);
        Assert.Equal(0, Libc.SetSocketTimeout(socket, TimeSpan.FromSeconds(30)));
        Assert.Equal(0, Libc.Connect(socket, Encoding.UTF8.GetBytes(Path.Combine(runDirectory, "keeper.sock") + "\0")));
        return socket;
    }

    public void Dispose()
    {
        Stop();
        Assert.Null(_fault);
    }

    private void Stop()
    {
        _signals.Post(Libc.SIGTERM);
        Assert.True(_thread.Join(TimeSpan.FromSeconds(30)), "the keeper does not end");
        _keeper.Dispose();
        _signals.Dispose();
    }

    private void Run()
    {
        try
        {
            _keeper.Run(PassedDescriptors.From(null, null, null, 0, 0));
        }
        catch (Exception exception)
        {
            _fault = exception;
        }
    }
}
