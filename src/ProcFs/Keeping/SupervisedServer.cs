using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>The server that runs now, as its supervisor knows it.</summary>
internal sealed class SupervisedServer(int pid, long startedNs)
{
    private PollLoop.Source? _source;

    public int Pid { get; } = pid;

    public long StartedNs { get; } = startedNs;

    /// <summary>Whether it has said READY=1.</summary>
    public bool IsReady { get; set; }

    /// <summary>When it said last that it is alive.</summary>
    public long AliveNs { get; set; } = startedNs;

    /// <summary>Whether it was sent SIGKILL.</summary>
    public bool IsKilled { get; set; }

    /// <summary>Whether the loop wakes up when it ends.</summary>
    public bool IsWatched => _source is not null;

    /// <summary>Has the loop wake up when it ends.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="descriptor">Readable from its end on, and ours to close; negative: there is none.</param>
    /// <param name="again">How soon to wake up again when the end cannot be taken yet: a debugger has it.</param>
    public void Watch(PollLoop loop, int descriptor, TimeSpan again)
        => _source = descriptor < 0 ? null : loop.Add(descriptor, Libc.POLLIN, _ => _source?.Rest(again));

    /// <summary>To be called in the end.</summary>
    public void Unwatch()
    {
        if (_source is { } source)
        {
            _source = null;
            source.Remove();
            _ = Libc.Close(source.Descriptor);
        }
    }
}
