using ProcFs.Containers;

namespace ProcFs.Sampling;

/// <summary>
/// The one thread that samples load averages. It begins when somebody asks for the first time, and sleeps without ever waking up while nobody does.
/// </summary>
internal sealed class LoadThread : IDisposable
{
    private const int StackBytes = 256 * 1024;

    private readonly LoadSampler _sampler;
    private readonly TimeProvider _clock;
    private readonly Action<Exception> _onFault;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Lock _starting = new();
    private Thread? _thread;
    private volatile bool _isStopping;

    /// <param name="proc">Where the containers' threads are.</param>
    /// <param name="mostThreads">How many of one container are visited at most.</param>
    /// <param name="clock">In ns since boot.</param>
    /// <param name="onFault">Told of a fault of ours. Nothing is sampled from then on but by readers.</param>
    public LoadThread(ProcRoot proc, int mostThreads, TimeProvider clock, Action<Exception> onFault)
    {
        ThreadWalkBuffers buffers = new();
        _sampler = new LoadSampler(container => container.Threads.Refresh(container, proc, clock, mostThreads, buffers), clock);
        _clock = clock;
        _onFault = onFault;
    }

    /// <summary>A reader wants a container's load averages.</summary>
    public void Want(Container container, long nowNs)
    {
        if (!_sampler.Want(container, nowNs))
        {
            return;
        }

        lock (_starting)
        {
            if (_thread is null)
            {
                _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "load" };
                _thread.Start();
            }
        }

        _wake.Set();
    }

    /// <summary>Returns when the thread uses nothing any more.</summary>
    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        _wake.Set();
        _thread?.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_isStopping)
            {
                long? next = _sampler.RunDue();
                // A timer may be early by what it cuts off.
                _wake.WaitOne(next is { } due ? (int)Math.Clamp(((due - _clock.GetTimestamp()) / 1_000_000) + 1, 1, int.MaxValue) : Timeout.Infinite);
            }
        }
#pragma warning disable CA1031 // whatever it is: it is no reason for the daemon to end
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _onFault(exception);
        }
    }
}
