using System.Diagnostics;
using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;
using ProcFs.Interop;

namespace ProcFs.Fuse;

// The loop of one worker. Never read(2) again before the reply is written: that is what makes a slot tell the truth.
public sealed unsafe partial class Connection
{
    private ulong _rejectedOpcodes;

    private void Work(int index)
    {
        ConnectionEnd end = ConnectionEnd.Failed;
        bool isHeld = false;
        try
        {
            _device.Descriptor.DangerousAddRef(ref isHeld); // the number stays ours while this thread is in a call with it
            end = Serve(_device.Number, index);
        }
        catch (Exception exception) // not a request's fault (those are answered EIO): the loop itself
        {
            LogWorkerFault(_logger, exception, index);
        }
        finally
        {
            if (isHeld)
            {
                _device.Descriptor.DangerousRelease();
            }

            _gate!.Open();
            Leave(end);
        }
    }

    private ConnectionEnd Serve(int device, int index)
    {
        byte* request = _slots.Request(index);
        WorkerCounters counters = _counters[index];
        WorkerGate gate = _gate!;
        while (true)
        {
            _slots.Clear(index);
            gate.Enter();
            long before = Stopwatch.GetTimestamp();
            nint received = Libc.Read(device, request, RequestSlots.RequestSize);
            long after = Stopwatch.GetTimestamp();
            gate.Leave(after - before);
            if (received <= 0)
            {
                if (IsRetried(device, Libc.ErrorOf(received)))
                {
                    continue;
                }

                return EndOf(Libc.ErrorOf(received));
            }

            counters.Begin(after);
            _observer?.Received(index, after);
            ConnectionEnd? end = Answer(device, new ReadOnlySpan<byte>(request, (int)received), index, out FuseOpcode opcode);
            long answered = Stopwatch.GetTimestamp();
            _observer?.Answered(index, WorkerCounters.IndexOf((uint)opcode), answered);
            if (_dispatcher.HasMore(index))
            {
                _slots.Clear(index); // nothing is owed
                _dispatcher.DoMore(index);
            }

            counters.End(answered);
            if (end is not null)
            {
                return end.Value;
            }

            if (_dispatcher.Session.IsDestroyed)
            {
                return ConnectionEnd.Unmounted;
            }
        }
    }

    /// <summary>Handles one request and writes its reply, if it wants one; null when the connection goes on.</summary>
    private ConnectionEnd? Answer(int device, ReadOnlySpan<byte> request, int index, out FuseOpcode opcode)
    {
        int length = Handle(request, index, out opcode);
        return length > 0 ? Send(device, _slots.Reply(index), length, opcode, request.Length, out _) : null;
    }

    /// <summary>Handles one request; the length of the reply, 0 for none.</summary>
    private int Handle(ReadOnlySpan<byte> request, int index, out FuseOpcode opcode)
    {
        byte* reply = _slots.Reply(index);
        int length = _dispatcher.Dispatch(request, new Span<byte>(reply, RequestSlots.ReplySize), index);
        opcode = MemoryMarshal.TryRead(request, out FuseInHeader header) ? header.Opcode : 0;
        Count(index, opcode, length > 0 && ((FuseOutHeader*)reply)->Error != 0);
        return length;
    }

    private void Count(int index, FuseOpcode opcode, bool isError)
    {
        _counters[index].Count(opcode, isError);
        _observer?.Handled(index, WorkerCounters.IndexOf((uint)opcode), isError);
    }

    /// <summary>What read(2) may say without an end: ENOENT, the request was withdrawn while it was copied; EAGAIN, a descriptor that does not block.</summary>
    private static bool IsRetried(int device, Errno error)
    {
        if (error == Errno.EAGAIN)
        {
            Libc.PollFd wait = new() { Fd = device, Events = Libc.POLLIN };
            _ = Libc.Poll(new Span<Libc.PollFd>(ref wait), -1);
            return true;
        }

        return error == Errno.ENOENT;
    }

    private ConnectionEnd EndOf(Errno error)
    {
        switch (error)
        {
            case Errno.ENODEV:
                return ConnectionEnd.Unmounted;
            case Errno.ECONNABORTED:
                return ConnectionEnd.Aborted;
            case Errno.None: // end of file, which the device never says
                LogReadFailed(_logger, "end of file");
                return ConnectionEnd.Failed;
            default:
                LogReadFailed(_logger, error == Errno.EPERM ? "the device is not mounted (EPERM)" : Libc.Describe(error));
                return ConnectionEnd.Failed;
        }
    }

    /// <summary>Writes one reply; null when the connection goes on.</summary>
    private ConnectionEnd? Send(int device, byte* reply, int length, FuseOpcode opcode, int requestLength, out bool isAccepted)
    {
        Errno error = Libc.ErrorOf(Libc.Write(device, reply, (nuint)length));
        isAccepted = error == Errno.None;
        switch (error)
        {
            case Errno.None:
            case Errno.ENOENT: // answered already, or withdrawn: normal after a recovery and for interrupted readers
                return null;
            case Errno.ENODEV:
            case Errno.EPERM:
                return ConnectionEnd.Unmounted;
            case Errno.ECONNABORTED:
                return ConnectionEnd.Aborted;
            case Errno.EPIPE:
                LogWriteFailed(_logger, Libc.Describe(error));
                return ConnectionEnd.Failed;
            default:
                // EINVAL: the reply does not fit the opcode. Our bug; the kernel has given the caller EIO.
                ulong bit = 1UL << WorkerCounters.IndexOf((uint)opcode);
                if ((Interlocked.Or(ref _rejectedOpcodes, bit) & bit) == 0)
                {
                    LogReplyRejected(_logger, OperationTable.Find(opcode).Name, (uint)opcode, requestLength, length, Libc.Describe(error));
                }

                return null;
        }
    }
}
