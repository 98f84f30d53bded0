using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ProcFs.Fuse;

/// <summary>
/// A mounted device and the workers that serve it. Each worker is a thread of its own with a slot of its own, blocked in read(2)
/// on the one shared descriptor: the kernel gives every request to exactly one of them.
/// </summary>
public sealed partial class Connection : IDisposable
{
    private const string AlreadyStarted = "The connection has been started already.";

    private readonly FuseDevice _device;
    private readonly RequestSlots _slots;
    private readonly Dispatcher _dispatcher;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource<ConnectionEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WorkerCounters[] _counters;
    private readonly LongWork? _longWork;
    private readonly IRequestObserver? _observer;
    private WorkerGate? _gate;
    private long _startedTicks;
    private int _running;
    private int _started;
    private int _disposed;
    private int _end;

    /// <summary>Takes over a mounted device and the slots; both are disposed with the connection.</summary>
    /// <param name="device">The connection to the kernel.</param>
    /// <param name="slots">The workers' buffers.</param>
    /// <param name="dispatcher">Handles the requests.</param>
    /// <param name="logger">Told what goes wrong.</param>
    /// <param name="longWork">
    /// Where the filesystem announces what takes long: then one worker alone waits for requests while there are few. Null: it announces nothing, and all workers wait at any time.
    /// </param>
    /// <param name="observer">Told what the workers do; null: nobody is.</param>
    public Connection(FuseDevice device, RequestSlots slots, Dispatcher dispatcher, ILogger logger, LongWork? longWork = null, IRequestObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(dispatcher);
        ArgumentNullException.ThrowIfNull(logger);
        _device = device;
        _slots = slots;
        _dispatcher = dispatcher;
        _longWork = longWork;
        _observer = observer;
        _logger = logger;
        _counters = new WorkerCounters[slots.Count];
        for (int i = 0; i < _counters.Length; i++)
        {
            _counters[i] = new WorkerCounters();
        }
    }

    /// <summary>Ends when the last worker has: unmounted, aborted or failed. Never faulted.</summary>
    public Task<ConnectionEnd> Completion => _completion.Task;

    /// <summary>Requests read from the device.</summary>
    public long Requests
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < OperationTable.Size; i++)
            {
                sum += SumOf(i);
            }

            return sum;
        }
    }

    /// <summary>Requests answered with an error, ENOENT and the like among them.</summary>
    public long Errors
    {
        get
        {
            long sum = 0;
            foreach (WorkerCounters counters in _counters)
            {
                sum += counters.Errors;
            }

            return sum;
        }
    }

    /// <summary>Requests of one opcode (enum fuse_opcode); all opcodes from 64 on are counted together, as 0.</summary>
    public long RequestsOf(int opcode) => SumOf(WorkerCounters.IndexOf((uint)opcode));

    /// <summary>The kernel's name of an opcode without "FUSE_", for <see cref="RequestsOf"/>; "unknown" for one without meaning here.</summary>
    public static string NameOf(int opcode) => OperationTable.Find((Wire.FuseOpcode)opcode).Name;

    /// <summary>Opens the device; same as <see cref="FuseDevice.Open"/>.</summary>
    /// <exception cref="FuseException">It is missing or not ours to open; the message says what to do.</exception>
    public static FuseDevice OpenDevice(string path = "/dev/fuse") => FuseDevice.Open(path);

    /// <summary>
    /// Starts the workers, on a device that waits for requests, however it was left. It must be mounted: before that, it has nothing to
    /// read and says EPERM.
    /// </summary>
    /// <param name="workers">1 to 8, and not more than there are slots.</param>
    /// <exception cref="FuseException">There is no memory for the replies, or it may not be locked.</exception>
    public void Start(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, _slots.Count);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException(AlreadyStarted);
        }

        _slots.Prepare(workers);
        _device.SetBlocking(true);
        Volatile.Write(ref _startedTicks, Stopwatch.GetTimestamp());
        Volatile.Write(ref _running, workers);
        _gate = new WorkerGate(_longWork is null ? 1 : workers);
        if (_longWork is not null)
        {
            _longWork.Gate = _gate;
        }

        for (int i = 0; i < workers; i++)
        {
            int index = i;
            // Background: a worker blocked in read(2) must not keep the daemon from exiting.
            new Thread(() => Work(index)) { IsBackground = true, Name = $"fuse-{index}" }.Start();
        }
    }

    /// <summary>
    /// Gives up our references to device and slots: at once when no worker runs, else when the last one leaves its loop, which
    /// happens when the connection ends (unmount first). Does not wait.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0 && Volatile.Read(ref _running) == 0)
        {
            Free();
            _completion.TrySetResult(ConnectionEnd.Unmounted); // for whoever waits for workers that were never started
        }
    }

    private void Leave(ConnectionEnd end)
    {
        int seen = Volatile.Read(ref _end);
        while (seen < (int)end && (seen = Interlocked.CompareExchange(ref _end, (int)end, seen)) < (int)end)
        {
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            if (Volatile.Read(ref _disposed) != 0)
            {
                Free();
            }

            _completion.TrySetResult((ConnectionEnd)Volatile.Read(ref _end));
        }
    }

    // Both callers may come here when disposal and the last worker's end meet; the second finds nothing left to do.
    private void Free()
    {
        lock (_completion)
        {
            _device.Dispose();
            _slots.Dispose();
            _gate?.Dispose();
        }
    }

    private long SumOf(int index)
    {
        long sum = 0;
        foreach (WorkerCounters counters in _counters)
        {
            sum += counters.Of(index);
        }

        return sum;
    }
}
