using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>Signals as something that a poll loop waits for. The runtime calls us on a thread of its own; the loop takes them on its.</summary>
internal sealed class SignalInbox : IDisposable
{
    private readonly ConcurrentQueue<int> _signals = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly FileDescriptor _event;

    public SignalInbox()
    {
        int descriptor = Libc.EventFd();
        _event = descriptor >= 0
            ? new FileDescriptor(descriptor)
            : throw new Failure(ExitCode.Failed, $"cannot make an eventfd: {Libc.Describe(Libc.ErrorOf(descriptor))}");
    }

    /// <summary>Readable when a signal has come. Valid until disposal.</summary>
    public int Descriptor => _event.Number;

    /// <summary>From now on these signals are put here, and do nothing else.</summary>
    public void Catch(params ReadOnlySpan<int> signals)
    {
        foreach (int signal in signals)
        {
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)signal, context =>
            {
                context.Cancel = true;
                Post(signal);
            }));
        }
    }

    /// <summary>Puts one here, as if it had come. From any thread.</summary>
    public void Post(int signal)
    {
        _signals.Enqueue(signal);
        bool isHeld = false;
        try
        {
            _event.DangerousAddRef(ref isHeld);
            ulong one = 1;
            _ = Libc.Write(_event.Number, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
        }
        catch (ObjectDisposedException)
        {
            // It came in the last moment; nobody waits any more.
        }
        finally
        {
            if (isHeld)
            {
                _event.DangerousRelease();
            }
        }
    }

    /// <summary>Waits until there is one, or this time is over; it stays here. For those who wait for nothing else.</summary>
    /// <param name="within">Negative: without end.</param>
    public void Wait(TimeSpan within)
    {
        Span<Libc.PollFd> poll = [new Libc.PollFd { Fd = Descriptor, Events = Libc.POLLIN }];
        _ = Libc.Poll(poll, within < TimeSpan.Zero ? -1 : (int)within.TotalMilliseconds);
    }

    /// <summary>The next signal, in the order they came.</summary>
    public bool TryTake(out int signal)
    {
        if (_signals.TryDequeue(out signal))
        {
            return true;
        }

        // Quiet first, then look again: one that comes in between makes it readable once more.
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        _ = Libc.Read(_event.Number, count);
        return _signals.TryDequeue(out signal);
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _event.Dispose();
    }
}
