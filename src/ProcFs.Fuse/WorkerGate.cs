using System.Diagnostics;
using ProcFs.Interop;

namespace ProcFs.Fuse;

/// <summary>
/// Decides how many workers wait for a request at once: one, as long as requests come now and then. The kernel hands requests to waiting
/// threads in turn, so that one open-read-close would wake up four, each on cold caches. The others stand by, and join in while requests
/// follow each other without a pause, or when the work in hand takes long and nobody waits for the next request.
/// </summary>
/// <remarks>docs/performance.md has the figures. Those who stand by sleep on one timer, which is set only while a request is in hand.</remarks>
internal sealed class WorkerGate : IDisposable
{
    /// <summary>A request that takes longer does not keep others waiting. More than a clock tick: such a timer costs little to set and to cancel.</summary>
    private const long PatienceNs = 5_000_000;

    /// <summary>In ns; 0 would cancel the timer.</summary>
    private const long Now = 1;

    /// <summary>After so many requests without a pause all workers join in.</summary>
    private const int BusyAfter = 64;

    /// <summary>What a pause is.</summary>
    private static readonly long Pause = Stopwatch.Frequency / 500;

    private readonly int _workers;
    private readonly FileDescriptor? _timer;
    private int _waiting;
    private int _standingBy;
    private int _wanted = 1;
    private int _inHand;
    private int _withoutPause;
    private volatile bool _isOpen;

    /// <param name="workers">How many there are; 1: all of them wait at any time, however many.</param>
    public WorkerGate(int workers)
    {
        _workers = workers;
        int timer = workers > 1 ? Libc.CreateTimer() : -1;
        _timer = timer >= 0 ? new FileDescriptor(timer) : null;
        // Without a timer nobody who stands by could be called: then nobody does.
        _isOpen = _timer is null;
    }

    /// <summary>How many workers wait for a request, or are about to.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How many sleep until they are called, or are about to.</summary>
    public int StandingBy => Volatile.Read(ref _standingBy);

    /// <summary>Returns when the calling worker is to wait for a request.</summary>
    public void Enter()
    {
        while (Interlocked.Increment(ref _waiting) is int waiting && !_isOpen)
        {
            int wanted = Volatile.Read(ref _wanted);
            if (waiting <= wanted)
            {
                if (waiting < wanted)
                {
                    Set(Now); // one expiry calls one
                }

                return;
            }

            Interlocked.Decrement(ref _waiting);
            StandBy();
        }
    }

    /// <summary>The calling worker has a request, or an error.</summary>
    /// <param name="waited">For how long it has waited, in ticks of <see cref="Stopwatch"/>.</param>
    public void Leave(long waited)
    {
        Interlocked.Decrement(ref _waiting);
        if (waited >= Pause)
        {
            // Whoever waits needlessly goes with its next request.
            Volatile.Write(ref _withoutPause, 0);
            Volatile.Write(ref _wanted, 1);
        }
        else if (Volatile.Read(ref _wanted) < _workers && Interlocked.Increment(ref _withoutPause) >= BusyAfter)
        {
            Volatile.Write(ref _wanted, _workers);
            Set(Now);
        }
    }

    /// <summary>The calling worker begins what may take long.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _inHand);
        // Setting the timer takes an expiry back that nobody has read: while all are called, the call is made again.
        Set(Volatile.Read(ref _wanted) > 1 ? Now : PatienceNs);
    }

    /// <summary>It has done that, and is going to wait for a request: so nobody needs to be called.</summary>
    public void End()
    {
        if (Interlocked.Decrement(ref _inHand) == 0 && Volatile.Read(ref _wanted) == 1)
        {
            Set(0);
        }
    }

    /// <summary>Calls somebody if nobody waits. Not needed, but for what nobody has thought of; by whoever watches over the workers.</summary>
    public void CallIfNobodyWaits()
    {
        if (Waiting == 0)
        {
            Set(Now);
        }
    }

    /// <summary>A worker leaves for good. From now on all that are left wait for requests, and find out why.</summary>
    public void Open()
    {
        _isOpen = true;
        Set(Now);
    }

    public void Dispose() => _timer?.Dispose();

    private void Set(long inNs)
    {
        // With nobody to call there is nothing to set.
        if (Volatile.Read(ref _standingBy) > 0 && (!_isOpen || inNs == Now))
        {
            _ = Libc.SetTimer(_timer!.Number, inNs);
        }
    }

    private void StandBy()
    {
        Interlocked.Increment(ref _standingBy);
        // Whoever opens the gate, or goes to work as the last one that waited, sees the one above, or is seen here.
        if (!_isOpen && Waiting > 0)
        {
            Span<byte> expiries = stackalloc byte[sizeof(ulong)];
            if (Libc.Read(_timer!.Number, expiries) < 0)
            {
                _isOpen = true;
            }
        }

        Interlocked.Decrement(ref _standingBy);
        if (_isOpen)
        {
            Set(Now);
        }
    }
}
